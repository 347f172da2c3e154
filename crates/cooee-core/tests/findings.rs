//! `docs/doctor.md` lists the codes of findings as they are.

use cooee_core::finding::Code;

#[test]
fn the_document_lists_every_code_in_order() {
    let document = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/doctor.md");
    let text = std::fs::read_to_string(document).expect("the document is in the repository");
    let rows = text.lines().filter_map(|line| line.strip_prefix("| `"));
    let listed: Vec<&str> = rows
        .filter_map(|row| row.split_once("` |"))
        .map(|(code, _)| code)
        .filter(|code| !code.contains(' '))
        .collect();
    let codes: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(listed, codes);
}
