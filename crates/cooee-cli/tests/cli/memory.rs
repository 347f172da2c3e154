use std::fs;
use std::path::Path;

use crate::support::{Done, STATE, cooee, free_port, lo};

/// Looks for a moment, and remembers in this directory.
fn find(state: &Path, words: &[&str]) -> Done {
    let port = free_port().to_string();
    let all = ["find", "--interface", lo(), "--port", &port, "--timeout", "100ms"];
    Done::of(cooee(&[&all[..], words].concat()).env(STATE, state))
}

#[test]
fn a_file_that_is_not_understood_is_reported_and_kept() {
    for wrong in ["not json", r#"{"version": 7, "networks": []}"#] {
        let state = tempfile::tempdir().unwrap();
        let path = state.path().join("cooee/servers.json");
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, wrong).unwrap();
        let quiet = find(state.path(), &["--no-memory"]);
        assert!(!quiet.err.contains("servers.json"), "{}", quiet.err);
        let done = find(state.path(), &[]);
        assert_eq!(done.code, Some(1), "{}", done.err);
        assert!(
            done.err.starts_with("warning: ") && done.err.contains("is kept as"),
            "{}",
            done.err
        );
        let aside = state.path().join("cooee/servers.json.corrupt");
        assert_eq!(fs::read_to_string(aside).unwrap(), wrong);
        assert!(!path.exists());
    }
}

#[test]
fn a_directory_that_cannot_be_used_is_told_to_those_who_ask() {
    let state = tempfile::NamedTempFile::new().unwrap();
    let done = find(state.path(), &[]);
    assert!(!done.err.contains("remember"), "{}", done.err);
}

#[test]
fn what_nobody_answered_leaves_no_file() {
    let state = tempfile::tempdir().unwrap();
    assert_eq!(find(state.path(), &[]).code, Some(1));
    assert_eq!(fs::read_dir(state.path()).unwrap().count(), 0);
}
