use super::{DialectKind, Error, OriginPattern};

/// How a bridge behaves. Made by [`Config::new`]; the rest has defaults.
#[derive(Clone, Debug, Default)]
pub struct Config {
    hosts: Vec<(OriginPattern, DialectKind)>,
    pub(crate) namespace: String,
    pub(crate) channel: String,
    pub(crate) allow_opaque_origin: bool,
    pub(crate) acquire: bool,
    pub(crate) credentials: Credentials,
    // What an app speaks whose web view may show the widget.
    #[cfg(feature = "dialects")]
    webview: Option<DialectKind>,
}

/// What stands for the origin of an app whose web view shows the page. No origin is written like this.
#[cfg(feature = "dialects")]
pub const WEBVIEW: &str = "webview";

/// Where tokens are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Credentials {
    /// In the memory of the tab that has them.
    #[default]
    Memory,
    /// Encrypted under a key that no script can read, where every tab of the partition finds them and a restart of the browser does not lose
    /// them. It protects a copy of the storage, not against a script in the page.
    #[cfg(feature = "credentials")]
    Sealed,
    /// The same in clear text.
    #[cfg(feature = "credentials")]
    DangerousPlaintext,
}

impl Config {
    /// Who may embed the widget: exact origins, or `https://*.example.com` for one whole left-most label.
    ///
    /// # Errors
    /// [`Error::ConfigOriginRequired`] without a host, [`Error::ConfigOriginInvalid`] for an entry of another form.
    pub fn new<H: AsRef<str>>(hosts: impl IntoIterator<Item = H>) -> Result<Self, Error> {
        let mut config = Self { namespace: "authframe".to_owned(), ..Self::default() };
        for host in hosts {
            config.allow(host.as_ref(), DialectKind::NATIVE)?;
        }
        config.require_hosts()?;
        Ok(config)
    }

    /// Adds a host and says what it speaks.
    ///
    /// # Errors
    /// [`Error::ConfigOriginInvalid`] for an entry of another form.
    pub fn allow(&mut self, host: &str, dialect: DialectKind) -> Result<(), Error> {
        self.hosts.push((OriginPattern::parse(host)?, dialect));
        Ok(())
    }

    /// Lets the widget run in the web view of an app (`ReactNativeWebView`) that speaks this dialect. No origin says who listens there. Of several calls the first counts.
    ///
    /// # Errors
    /// [`Error::ConfigInvalid`] if no app of this dialect has a web view.
    #[cfg(feature = "dialects")]
    pub fn allow_webview(&mut self, dialect: DialectKind) -> Result<(), Error> {
        if !dialect.has_webview() {
            return Err(Error::ConfigInvalid);
        }
        self.webview.get_or_insert(dialect);
        Ok(())
    }

    /// What sets this widget's stored state apart from others of the same origin: 1 to 64 of `A–Z a–z 0–9 _ . -`. Default `authframe`.
    ///
    /// # Errors
    /// [`Error::ConfigInvalid`] for anything else.
    pub fn namespace(mut self, namespace: &str) -> Result<Self, Error> {
        let channel = std::mem::take(&mut self.channel);
        self.set_names(namespace, &channel)?;
        Ok(self)
    }

    /// Sets several bridges of one page apart on the wire: at most 64 bytes of UTF-8, the same on both sides. Default empty.
    ///
    /// # Errors
    /// [`Error::ConfigInvalid`] if it is longer.
    pub fn channel(mut self, channel: &str) -> Result<Self, Error> {
        let namespace = self.namespace.clone();
        self.set_names(&namespace, channel)?;
        Ok(self)
    }

    /// Namespace and channel together, in place.
    pub(crate) fn set_names(&mut self, namespace: &str, channel: &str) -> Result<(), Error> {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
        if channel.len() > 64 || !(1..=64).contains(&namespace.len()) || !namespace.bytes().all(fits) {
            return Err(Error::ConfigInvalid);
        }
        self.namespace = namespace.to_owned();
        self.channel = channel.to_owned();
        Ok(())
    }

    /// Lets the widget run in a frame without an origin (a sandbox without `allow-same-origin`), where the host opted in as well.
    /// WARNING: such a frame cannot prove who it is by its origin, only by the nonce in its address. Default off.
    #[must_use]
    pub const fn allow_opaque_origin(mut self, allow: bool) -> Self {
        self.allow_opaque_origin = allow;
        self
    }

    /// Whether the application answers acquire events. Without it the status alone decides. Default off.
    #[must_use]
    pub const fn acquire(mut self, acquire: bool) -> Self {
        self.acquire = acquire;
        self
    }

    /// Where tokens are kept. Default [`Credentials::Memory`].
    #[must_use]
    pub const fn credentials(mut self, credentials: Credentials) -> Self {
        self.credentials = credentials;
        self
    }

    /// The key of the shared record.
    pub fn register_key(&self) -> String {
        let mut key = self.namespace.clone();
        key.push_str(".authframe");
        key
    }

    /// The key beside it, where a pause of all tabs stands: see [`Pause`](super::Pause).
    pub fn pause_key(&self) -> String {
        let mut key = self.register_key();
        key.push_str(".pause");
        key
    }

    /// An allow-list is required.
    pub(crate) fn require_hosts(&self) -> Result<(), Error> {
        #[cfg(feature = "dialects")]
        if self.webview.is_some() {
            return Ok(());
        }
        if self.hosts.is_empty() { Err(Error::ConfigOriginRequired) } else { Ok(()) }
    }

    /// Whether a page of this origin, as the browser serialises it, may embed the widget.
    pub fn allows(&self, origin: &str) -> bool {
        self.dialect(origin).is_some()
    }

    /// What a page of this origin speaks; of several entries the first counts. `None`: it is not allowed.
    pub fn dialect(&self, origin: &str) -> Option<DialectKind> {
        #[cfg(feature = "dialects")]
        if origin == WEBVIEW {
            return self.webview;
        }
        self.hosts.iter().find(|(host, _)| host.matches(origin)).map(|(_, dialect)| *dialect)
    }

    /// Where to speak although the browser does not say who embeds us: to the only host, if it is exact and waits for the widget to begin.
    /// `Err`: a host waits for the widget to speak first, and it is not known which.
    #[cfg(feature = "dialects")]
    pub(super) fn sole_host(&self) -> Result<Option<String>, Error> {
        match self.hosts.as_slice() {
            [(host, dialect)] if dialect.widget_begins() => host.exact().map(|host| Some(host.to_owned())).ok_or(Error::ParentUnknown),
            // Until a native host knocks.
            hosts if hosts.iter().any(|(_, dialect)| !dialect.widget_begins()) => Ok(None),
            _ => Err(Error::ParentUnknown),
        }
    }
}
