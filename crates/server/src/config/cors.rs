//! `[cors]`: pages from elsewhere.

section! {
    /// Which web pages from elsewhere may talk to this server.
    Cors in "cors", at cors {
        /// Their origins, as in `"https://app.example.org"`. `"*"` allows all, without cookies; tokens are not cookies.
        origins: Vec<String> = vec!["*".to_owned()];
    }
}

impl Cors {
    /// Whether any page may.
    pub fn is_open(&self) -> bool {
        self.origins.iter().any(|origin| origin == "*")
    }
}
