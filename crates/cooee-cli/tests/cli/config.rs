use std::fs;

use tempfile::TempDir;

use crate::support::{Done, Running, SETTINGS, cooee, free_port, lo, run, run_with};

pub(crate) fn file(text: &str) -> (TempDir, String) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("c.toml");
    fs::write(&path, text).unwrap();
    (dir, path.to_str().unwrap().to_owned())
}

/// The port that `find` calls, as it says when it finds nobody.
fn called(done: &Done) -> u16 {
    assert_eq!(done.code, Some(1), "{}", done.err);
    let rest = done.err.split("no server has port ").nth(1).unwrap();
    rest.split(' ').next().unwrap().parse().unwrap()
}

#[test]
fn file_then_stock_variables_then_ours_then_options() {
    let ports: [u16; 4] = std::array::from_fn(|_| free_port());
    let [in_file, stock, ours, option] = ports.map(|port| port.to_string());
    let (_dir, path) =
        file(&format!("port = {in_file}\n[find]\ntimeout = '200ms'\ninterface = ['{}']\n", lo()));
    let words = ["find", "--config", &path];
    let stock = ("DISCOVERY_CLIENT_PORT", stock.as_str());
    let ours = ("COOEE_PORT", ours.as_str());
    assert_eq!(called(&run(&words)), ports[0]);
    assert_eq!(called(&run_with(&[stock], &words)), ports[1]);
    assert_eq!(called(&run_with(&[stock, ours], &words)), ports[2]);
    let with_option = ["find", "--config", &path, "--port", &option];
    assert_eq!(called(&run_with(&[stock, ours], &with_option)), ports[3]);
    let before_verb = ["--port", &option, "find", "--config", &path];
    assert_eq!(called(&run_with(&[stock, ours], &before_verb)), ports[3]);
}

#[test]
fn every_stock_variable_is_read() {
    let serve = Running::serve(&["--message", "HELLO", "--prefix", "HERE:"]);
    let port = serve.port.to_string();
    let stock = [
        ("DISCOVERY_CLIENT_PORT", port.as_str()),
        ("DISCOVERY_CLIENT_MESSAGE", "HELLO"),
        ("DISCOVERY_CLIENT_RESPONSE_PREFIX", "HERE:"),
        ("DISCOVERY_CLIENT_TIMEOUT", "20.0"),
        ("DISCOVERY_CLIENT_RETRIES", "2"),
        ("DISCOVERY_CLIENT_ENABLE_SUBNET_SCAN", "yes"),
        ("DISCOVERY_CLIENT_INTERFACES_WHITELIST", lo()),
        ("DISCOVERY_CLIENT_INTERFACES_BLACKLIST", "eth7, eth8"),
    ];
    let done = run_with(&stock, &["find", "--one", "--format", "url"]);
    assert_eq!((done.code, done.out.as_str()), (Some(0), "http://127.0.0.1:8000/\n"));
}

#[test]
fn options_of_serve_are_read_from_the_file_and_the_environment() {
    let port = free_port();
    let (_dir, path) =
        file(&format!("port = {port}\n[serve]\nduration = 0.01\nservice-port = 81\n"));
    let done = run(&["serve", "--config", &path]);
    assert_eq!(done.code, Some(0), "{}", done.err);
    assert!(done.err.contains("<address>:81"), "{}", done.err);
    let done = run_with(&[("COOEE_SERVICE_PORT", "82")], &["serve", "--config", &path]);
    assert!(done.err.contains("<address>:82"), "{}", done.err);
}

#[test]
fn switches_can_be_turned_off_again() {
    let (_dir, path) = file("[serve]\nstand-by = true\n");
    let first = Running::serve(&[]);
    let port = first.port.to_string();
    let words = ["serve", "--config", &path, "--port", &port, "--stand-by=false"];
    assert_eq!(run(&words).code, Some(3));
}

#[test]
fn the_default_file_is_that_of_the_user() {
    let port = free_port();
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("cooee")).unwrap();
    let text = format!("port = {port}\n[find]\ntimeout = 0.05\ninterface = '{}'\n", lo());
    fs::write(dir.path().join("cooee/config.toml"), text).unwrap();
    let done = Done::of(cooee(&["find"]).env(SETTINGS, dir.path()));
    assert_eq!(called(&done), port);
}

#[test]
fn a_wrong_option_names_itself_and_what_is_allowed() {
    for (words, says) in [
        (["find", "--timeout", "soon"], ["'--timeout <TIME>'", "500ms"]),
        (["find", "--port", "70000"], ["'--port <N>'", "1 to 65535"]),
        (["find", "--retries", "101"], ["'--retries <N>'", "0 to 100"]),
        (["find", "--wait", "never"], ["'--wait <WHEN>'", "full, settled"]),
        (["find", "--host", "10.0.0"], ["'--host <HOST>'", "192.168.1.20"]),
        (["find", "--subnet", "10/8"], ["'--subnet <CIDR>'", "192.168.1.0/24"]),
        (["serve", "--rate-limit", "0"], ["'--rate-limit <N|off>'", "or off"]),
        (["serve", "--advertise", "0.0.0.0"], ["'--advertise <auto|IP>'", "expected auto"]),
        (["serve", "--duration", "0"], ["'--duration <TIME>'", "more than 0"]),
        (["serve", "--message", ""], ["'--message <TEXT>'", "1 to 512"]),
        (["serve", "--nonsense", "1"], ["'--nonsense'", "--help"]),
    ] {
        let done = run(&words);
        assert_eq!(done.code, Some(2), "{words:?}");
        for text in says {
            assert!(done.err.contains(text), "{words:?}: {}", done.err);
        }
        assert!(!done.err.contains("environment"), "{}", done.err);
    }
}

#[test]
fn a_network_without_its_prefix_length_is_refused_with_both_readings() {
    for words in [["find", "--subnet", "10.2.77.0"], ["serve", "--allow", "10.2.77.0"]] {
        let done = run(&words);
        assert_eq!(done.code, Some(2), "{words:?}");
        assert!(done.err.contains("write 10.2.77.0/24, or 10.2.77.0/32"), "{}", done.err);
    }
    let (_dir, path) = file("[find]\nsubnet = ['10.2.77.0']\n");
    let done = run(&["find", "--config", &path]);
    assert!(done.err.contains(&format!("{path}:2:11")), "{}", done.err);
    assert!(done.err.contains("10.2.77.0/24"), "{}", done.err);
}

#[test]
fn a_wrong_network_is_answered_with_those_of_this_host_wherever_it_is_written() {
    let interfaces = cooee::interfaces().unwrap();
    let networks = cooee::interface::on_link_networks(&interfaces, &Default::default());
    let (_dir, path) = file("[find]\nsubnet = ['10/8']\n");
    for words in [["find", "--subnet", "10/8"], ["find", "--config", &path]] {
        let done = run(&words);
        assert_eq!(done.code, Some(2), "{words:?}");
        // A host without a network has nothing to list.
        assert_eq!(done.err.contains("this host is on"), !networks.is_empty(), "{}", done.err);
    }
    let (_dir, path) = file("[find]\nhost = ['10.0.0']\n");
    assert!(!run(&["find", "--config", &path]).err.contains("this host is on"));
}

#[test]
fn a_link_local_host_needs_its_interface_wherever_it_is_written() {
    for (host, says) in [("fe80::7", "as in fe80::7%eth0"), ("fe80::7%none0", "no interface is")] {
        let (_dir, path) = file(&format!("[find]\nhost = ['{host}']\n"));
        for done in [
            run(&["find", "--host", host]),
            run(&["find", "--config", &path]),
            run_with(&[("DISCOVERY_CLIENT_HOSTS", host)], &["find"]),
        ] {
            assert_eq!(done.code, Some(2), "{}", done.err);
            assert!(done.err.contains(says), "{}", done.err);
        }
    }
    let host = format!("[fe80::7%{}]:9999", lo());
    let done = run(&["find", "--host", &host, "--timeout", "100ms", "--no-memory"]);
    assert_eq!(done.code, Some(1), "{}", done.err);
    assert!(done.err.contains(&host), "{}", done.err);
}

#[test]
fn a_wrong_variable_is_named() {
    for (variable, value, says) in [
        ("COOEE_PORT", "x", "1 to 65535"),
        ("COOEE_TIMEOUT", "", "500ms"),
        ("COOEE_HOST", "10.0.0.1,10.0.0", "192.168.1.20"),
        ("COOEE_ONE", "perhaps", "true or false"),
        ("COOEE_QUIET", "perhaps", "true or false"),
        ("COOEE_VERBOSE", "very", "0 to 3"),
        ("COOEE_FORMAT", "xml", "ndjson"),
        ("DISCOVERY_CLIENT_PORT", "0", "1 to 65535"),
        ("DISCOVERY_CLIENT_TIMEOUT", "-1", "500ms"),
    ] {
        let done = run_with(&[(variable, value)], &["find"]);
        assert_eq!(done.code, Some(2), "{variable}: {}", done.err);
        let expected = format!("environment variable {variable}");
        assert!(done.err.contains(&expected) && done.err.contains(says), "{}", done.err);
    }
    let done = run_with(&[("COOEE_PORT", "x")], &["find", "--port", "y"]);
    assert!(!done.err.contains("COOEE_PORT"), "{}", done.err);
}

#[test]
fn a_wrong_file_is_named_with_line_and_column() {
    for (text, place, says) in [
        ("port = 70000\n", ":1:8", "1 to 65535"),
        ("[find]\ntimeout = \"soon\"\n", ":2:11", "500ms"),
        ("[find]\nprot = 1\n", ":2:1", "unknown field `prot`, expected one of `one`, `timeout`"),
        ("[serve]\nanswer = 'all'\n", ":2:10", "`on-link`, `private` or `any`"),
        ("port 1\n", ":1:6", "="),
    ] {
        let (_dir, path) = file(text);
        let done = run(&["find", "--config", &path]);
        assert_eq!(done.code, Some(2), "{text}");
        assert!(done.err.contains(&format!("{path}{place}")), "{text}: {}", done.err);
        assert!(done.err.contains(says), "{text}: {}", done.err);
    }
}

#[test]
fn a_named_file_must_exist() {
    let (dir, _) = file("");
    let missing = dir.path().join("missing.toml");
    let missing = missing.to_str().unwrap();
    let done = run(&["find", "--config", missing]);
    assert_eq!(done.code, Some(2));
    assert!(done.err.contains(missing), "{}", done.err);
    let done = run_with(&[("COOEE_CONFIG", missing)], &["serve"]);
    assert_eq!(done.code, Some(2));
}

#[test]
fn settings_that_do_not_work_together_say_where_they_come_from() {
    let (_dir, path) = file("[serve]\nstand-by = true\n");
    let wrong = ("COOEE_MESSAGE", "SERVER_IP:192.0.2.1");
    let done = run_with(&[wrong], &["serve", "--config", &path]);
    assert_eq!(done.code, Some(2));
    let note = format!("settings also come from environment variable COOEE_MESSAGE, file {path}\n");
    assert!(done.err.contains("itself be a probe") && done.err.ends_with(&note), "{}", done.err);
    let wrong = ("DISCOVERY_CLIENT_INTERFACES_WHITELIST", "nope0");
    let done = run_with(&[wrong], &["find", "--config", &path]);
    assert_eq!(done.code, Some(2));
    assert!(done.err.contains("\"nope0\"") && done.err.contains(wrong.0), "{}", done.err);
}

#[test]
fn an_option_to_say_more_outdoes_a_variable_to_say_less() {
    let port = free_port().to_string();
    let words = ["serve", "--port", &port, "--duration", "10ms"];
    assert_eq!(run_with(&[("COOEE_QUIET", "yes")], &words).err, "");
    let loud = run_with(&[("COOEE_QUIET", "yes")], &[&words[..], &["-v"]].concat());
    assert!(loud.err.contains("answering on"), "{}", loud.err);
    let quiet = run_with(&[("COOEE_VERBOSE", "3")], &[&words[..], &["-q"]].concat());
    assert_eq!(quiet.err, "");
}
