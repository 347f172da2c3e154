use std::sync::Arc;

type Read<T> = Arc<dyn Fn(&str) -> Result<T, String> + Send + Sync>;
type Show<T> = Arc<dyn Fn(&T) -> String + Send + Sync>;

/// A kind of value: how it is read, what it accepts, and how it is printed.
pub(crate) struct Kind<T> {
    what: String,
    bounds: String,
    read: Read<T>,
    show: Show<T>,
    choices: Vec<(&'static str, &'static str)>,
}

/// One of a few values that a setting can have: its name, its meaning, and its line of help.
pub(crate) struct Choice<T>(pub(crate) &'static str, pub(crate) T, pub(crate) &'static str);

impl<T: 'static> Kind<T> {
    /// Values for which `read` gives something; `what` completes "expected …".
    pub(crate) fn new(
        what: impl Into<String>,
        read: impl Fn(&str) -> Option<T> + Send + Sync + 'static,
        show: impl Fn(&T) -> String + Send + Sync + 'static,
    ) -> Self {
        Self::bounded(what, "", read, show)
    }

    /// The same, with bounds, which the help mentions too.
    pub(crate) fn bounded(
        what: impl Into<String>,
        bounds: impl Into<String>,
        read: impl Fn(&str) -> Option<T> + Send + Sync + 'static,
        show: impl Fn(&T) -> String + Send + Sync + 'static,
    ) -> Self {
        let (what, bounds) = (what.into(), bounds.into());
        let expected = format!("expected {}", takes(&what, &bounds));
        let read = move |text: &str| read(text).ok_or_else(|| expected.clone());
        Self { what, bounds, read: Arc::new(read), show: Arc::new(show), choices: Vec::new() }
    }

    /// With a reader that explains what is wrong with a text.
    pub(crate) fn explained(
        self,
        read: impl Fn(&str) -> Result<T, String> + Send + Sync + 'static,
    ) -> Self {
        Self { read: Arc::new(read), ..self }
    }

    pub(crate) fn read(&self, text: &str) -> Result<T, String> {
        (self.read)(text)
    }

    pub(crate) fn show(&self, value: &T) -> String {
        (self.show)(value)
    }

    /// What it accepts, in words that complete "expected …".
    pub(crate) fn takes(&self) -> String {
        takes(&self.what, &self.bounds)
    }

    pub(crate) fn bounds(&self) -> &str {
        &self.bounds
    }

    /// Name and help of each value, where there are but a few.
    pub(crate) fn choices(&self) -> &[(&'static str, &'static str)] {
        &self.choices
    }
}

impl<T: Copy + PartialEq + Send + Sync + 'static> Kind<T> {
    /// One of these values.
    pub(crate) fn choice(choices: &'static [Choice<T>]) -> Self {
        let names: Vec<_> = choices.iter().map(|choice| format!("`{}`", choice.0)).collect();
        let read =
            |text: &str| choices.iter().find(|choice| choice.0 == text).map(|choice| choice.1);
        let show = |value: &T| {
            let choice = choices.iter().find(|choice| choice.1 == *value);
            choice.map_or_else(String::new, |choice| choice.0.to_owned())
        };
        Self {
            choices: choices.iter().map(|choice| (choice.0, choice.2)).collect(),
            ..Self::new(either(&names), read, show)
        }
    }
}

impl Kind<bool> {
    pub(crate) fn boolean() -> Self {
        Self::new("true or false", |text| boolean(text).ok(), bool::to_string)
    }
}

/// Reads yes or no.
pub(crate) fn boolean(text: &str) -> Result<bool, String> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" | "1" => Ok(true),
        "false" | "no" | "off" | "0" => Ok(false),
        _ => Err("expected true or false".into()),
    }
}

/// `a, b or c`.
fn either(names: &[String]) -> String {
    match names {
        [first @ .., last] if !first.is_empty() => format!("{} or {last}", first.join(", ")),
        names => names.concat(),
    }
}

fn takes(what: &str, bounds: &str) -> String {
    if bounds.is_empty() { what.into() } else { format!("{what}, {bounds}") }
}
