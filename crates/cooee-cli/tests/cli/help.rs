use std::fs;

use crate::support::{lo, run};

const VERBS: [&str; 8] =
    ["serve", "find", "watch", "doctor", "interfaces", "demo", "completions", "man"];

fn help(words: &[&str]) -> String {
    let done = run(words);
    assert_eq!((done.code, done.err.as_str()), (Some(0), ""));
    done.out
}

// What differs elsewhere is the name of the program, and of directories.
#[cfg(target_os = "linux")]
#[test]
fn help_of_the_command() {
    insta::assert_snapshot!("help", help(&["--help"]));
    insta::assert_snapshot!("help-short", help(&["-h"]));
}

#[cfg(target_os = "linux")]
#[test]
fn help_of_each_verb() {
    for verb in VERBS {
        insta::assert_snapshot!(format!("help-{verb}"), help(&[verb, "--help"]));
    }
}

#[test]
fn without_a_verb_it_helps_and_fails() {
    let done = run(&[]);
    assert_eq!((done.code, done.out.as_str()), (Some(2), ""));
    assert!(done.err.contains("Usage: cooee"), "{}", done.err);
}

#[test]
fn help_is_a_verb_too() {
    assert_eq!(help(&["help"]), help(&["--help"]));
    for verb in VERBS {
        assert_eq!(help(&["help", verb]), help(&[verb, "--help"]));
    }
    assert_eq!(run(&["help", "fnid"]).code, Some(2));
}

#[test]
fn a_word_that_nothing_takes_gets_a_tip() {
    let on_loopback = format!("--interface {}", lo());
    for (words, tip) in [
        (["find", "10.77.0.2"], "--host 10.77.0.2"),
        (["find", "10.77.0.0/24"], "--subnet 10.77.0.0/24"),
        (["find", lo()], on_loopback.as_str()),
        (["find", "--json"], "--format json"),
        (["find", "--url"], "--format url"),
        (["interfaces", "--json"], "--format json"),
        (["interfaces", lo()], on_loopback.as_str()),
        (["serve", "8000"], "--service-port 8000"),
        (["serve", "10.9.0.0/16"], "--allow 10.9.0.0/16"),
    ] {
        let done = run(&words);
        assert_eq!(done.code, Some(2), "{words:?}");
        assert!(done.err.contains(&format!("  tip: use '{tip}'\n")), "{words:?}: {}", done.err);
        assert_eq!(done.err.matches("tip:").count(), 1, "{words:?}: {}", done.err);
    }
    for words in [["find", "nope0"], ["serve", "10.0.0.1"], ["serve", "--json"], ["find", "8000"]] {
        let done = run(&words);
        assert_eq!(done.code, Some(2), "{words:?}");
        assert!(!done.err.contains("tip: use"), "{words:?}: {}", done.err);
    }
}

#[test]
fn the_exit_status_of_a_verb_speaks_of_that_verb() {
    for (verb, says) in [
        ("serve", "0  stopped by a signal"),
        ("find", "1  no server was found"),
        ("interfaces", "0  the interfaces were listed"),
        ("doctor", "0  nothing is wrong"),
        ("demo", "0  the demo found its server"),
        ("completions", "0  the completions were printed"),
        ("man", "0  the manual was printed"),
    ] {
        let help = help(&[verb, "--help"]);
        let status = help.split("Exit status:").nth(1).unwrap();
        assert!(status.contains(says), "{verb}: {status}");
        assert_eq!(status.contains("a server was found"), verb == "find", "{verb}: {status}");
    }
}

#[test]
fn the_version() {
    assert_eq!(help(&["--version"]), format!("cooee {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn completions_for_each_shell() {
    for shell in ["bash", "zsh", "fish"] {
        let script = help(&["completions", shell]);
        assert!(script.contains("exclude-interface"), "{shell}");
    }
    assert_eq!(run(&["completions", "tcl"]).code, Some(2));
}

/// Each `[default: …]` of a text, in order.
fn defaults(text: &str) -> Vec<String> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let after = text.split("[default: ").skip(1);
    after.map(|rest| rest.split(']').next().unwrap().to_owned()).collect()
}

#[test]
fn the_manual_has_the_defaults_of_the_help() {
    let dir = tempfile::tempdir().unwrap();
    help(&["man", dir.path().to_str().unwrap()]);
    for verb in ["serve", "find"] {
        let page = fs::read_to_string(dir.path().join(format!("cooee-{verb}.1"))).unwrap();
        let page = page.replace("\\fR", "").replace('\\', "");
        let of_help = defaults(&help(&[verb, "--help"]).replace('\\', ""));
        assert!(of_help.len() > 5, "{of_help:?}");
        assert_eq!(defaults(&page), of_help, "{verb}");
    }
}

#[test]
fn the_manual_has_every_option_with_its_variable() {
    assert!(help(&["man"]).starts_with(".ie"));
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(help(&["man", dir.path().to_str().unwrap()]), "");
    let page = |name: &str| {
        fs::read_to_string(dir.path().join(format!("{name}.1"))).unwrap().replace("\\-", "-")
    };
    assert!(page("cooee").contains("COOEE_LOG_FORMAT"));
    for verb in VERBS {
        let (page, help) = (page(&format!("cooee-{verb}")), help(&[verb, "--help"]));
        let named =
            |text: &str, c: char| text.find(c).map_or(text.to_owned(), |at| text[..at].into());
        let options = help.split_whitespace().filter(|word| word.starts_with("--"));
        for option in options.map(|word| named(&named(word, '['), '.')) {
            let option = option.trim_end_matches([',', ')', '\'', ';']);
            assert!(page.contains(option), "{verb}: {option}");
        }
        for variable in help.lines().filter_map(|line| line.trim().strip_prefix("[env: ")) {
            let variable = variable.trim_end_matches(']');
            assert!(page.contains(variable), "{verb}: {variable}");
        }
    }
}
