use std::collections::BTreeSet;

/// How two lists of users differ. Both lists are sorted and name each id once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// With the host, but not at Ethora.
    pub missing: Vec<String>,
    /// At Ethora, but not with the host.
    pub extra: Vec<String>,
}

/// Compares the host's user ids with Ethora's ([`Api::read_user_ids`](super::Api::read_user_ids)). It only reports: nothing is deleted, and
/// whether an extra user should be is the caller's decision. Ids are compared exactly, upper and lower case too.
///
/// ```
/// let comparison = authframe::ethora::compare(["ann", "bob"], ["bob", "eve"]);
/// assert_eq!((comparison.missing, comparison.extra), (vec!["ann".to_owned()], vec!["eve".to_owned()]));
/// ```
pub fn compare<H, E>(host: H, ethora: E) -> Comparison
where
    H: IntoIterator<Item: Into<String>>,
    E: IntoIterator<Item: Into<String>>,
{
    let host: BTreeSet<String> = host.into_iter().map(Into::into).collect();
    let ethora: BTreeSet<String> = ethora.into_iter().map(Into::into).collect();
    Comparison { missing: host.difference(&ethora).cloned().collect(), extra: ethora.difference(&host).cloned().collect() }
}
