use std::rc::Rc;

/// Takes an outgoing record property by property, in the order in which they are sent. What is missing becomes `null`. What performs the
/// output makes its own kind of object of it.
pub trait Encoder {
    /// A text.
    fn text(&mut self, key: &'static str, text: Option<&str>);

    /// A number.
    fn number(&mut self, key: &'static str, number: Option<f64>);

    /// A list of words, given with a space between them.
    fn words(&mut self, key: &'static str, words: &str);

    /// A record in the record.
    fn record(&mut self, key: &'static str, record: Option<&dyn Encode>);

    /// The same, of a record that others get as well, as the session. What performs the output may have made its object of it already.
    fn common_record(&mut self, key: &'static str, record: Rc<dyn Encode>) {
        self.record(key, Some(&*record));
    }

    /// A property that is there and has no value.
    #[cfg(feature = "dialects")]
    fn undefined(&mut self, key: &'static str);

    /// True or false.
    #[cfg(feature = "dialects")]
    fn flag(&mut self, key: &'static str, flag: bool);

    /// A whole number of at most 2^53 − 1.
    #[allow(clippy::cast_precision_loss)]
    fn whole(&mut self, key: &'static str, whole: u64) {
        self.number(key, Some(whole as f64));
    }

    /// A whole number.
    fn count(&mut self, key: &'static str, count: u32) {
        self.number(key, Some(f64::from(count)));
    }
}

/// Something that can be sent, stored or handed to the application as an object.
pub trait Encode {
    /// Gives every property.
    fn encode(&self, to: &mut dyn Encoder);
}
