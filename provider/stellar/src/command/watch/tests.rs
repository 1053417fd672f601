use std::collections::BTreeSet;

use serde_json::{Value, json};
use stellar_aws::{Aws, claim::Line};
use stellar_engine::{Address, Component, Graph, Tags, reference};

use super::{
    progress::{Progress, State},
    screen::fitted,
    tree::{Tone, lines},
};
use crate::session::Session;

fn component(name: &str, kind: &'static str, refers_to: &[&str]) -> Component {
    let refs: Vec<Value> = refers_to.iter().map(|to| reference(&to.parse().unwrap(), "id")).collect();
    Component {
        address: name.parse().unwrap(),
        kind,
        region: "us-east-1".into(),
        desired: json!({ "refs": refs }),
        tags: Tags::new(),
        after: BTreeSet::new(),
        slot: None,
    }
}

fn graph() -> Graph {
    Graph::new(vec![
        component("network/vpc", "ec2/vpc", &[]),
        component("network/nat-gateway/a", "ec2/nat-gateway", &["network/vpc"]),
        component("kubernetes/cluster", "eks/cluster", &["network/vpc"]),
        component("kubernetes/addon/coredns", "eks/addon", &["kubernetes/cluster"]),
        component("kubernetes/node-pool/api", "eks/node-group", &["kubernetes/cluster", "network/nat-gateway/a"]),
    ])
    .unwrap()
}

fn progress(journal: &str) -> Progress {
    let mut progress = Progress::default();
    progress.know(graph(), &Session::kinds(&Aws::offline()));
    journal.lines().map(Line::parse).for_each(|line| progress.line(line));
    progress
}

const BEGUN: &str = "\
stellar 0.1.0: create of shop in us-east-1 by arn:aws:iam::1:user/ann from pc:/home/ann
plan: create network/vpc network/nat-gateway/a kubernetes/cluster kubernetes/addon/coredns kubernetes/node-pool/api
    0 s  network/vpc  started
    1 s  network/vpc  created vpc-1
    3 s  network/vpc  finished after 3 s
    3 s  network/nat-gateway/a  started
    4 s  kubernetes/cluster  started
    5 s  kubernetes/cluster  created shop";

fn text(progress: &Progress, now: u64) -> String {
    lines("shop in us-east-1", progress, now).into_iter().map(|(_, line)| line + "\n").collect()
}

#[test]
fn the_tree_says_what_runs_and_what_waits_for_what() {
    let shown = text(&progress(BEGUN), 64);
    for line in [
        "shop in us-east-1 · create · 1:04 · 1 of 5 done · about ",
        "by arn:aws:iam::1:user/ann from pc:/home/ann, stellar 0.1.0\n",
        "  network  1 of 2 done\n",
        "    ▶ nat-gateway/a                      1:01 of about ",
        "    ▶ cluster                            1:00 of about ",
        "    · 2 wait for cluster: addon/coredns, node-pool/api\n",
    ] {
        assert!(shown.contains(line), "{line:?} in\n{shown}");
    }
}

#[test]
fn a_destroy_waits_the_other_way_round() {
    let journal = "\
stellar 0.1.0: destroy of shop in us-east-1 by me from here
plan: delete network/vpc network/nat-gateway/a kubernetes/cluster kubernetes/addon/coredns kubernetes/node-pool/api
    0 s  kubernetes/addon/coredns  started
    0 s  kubernetes/node-pool/api  started
    9 s  kubernetes/addon/coredns  finished after 9 s";
    let shown = text(&progress(journal), 10);
    assert!(shown.contains("    · cluster waits for node-pool/api\n"), "{shown}");
    assert!(shown.contains("    · nat-gateway/a waits for kubernetes/node-pool/api\n"), "{shown}");
}

#[test]
fn failures_and_the_end_are_told() {
    let journal = format!(
        "{BEGUN}\n   20 s  kubernetes/cluster  failed after 16 s: eks:CreateCluster answered X\n   30 s  create failed: 2 done, 1 failed, 2 not done"
    );
    let progress = progress(&journal);
    assert_eq!(progress.end, Some((false, "2 done, 1 failed, 2 not done".to_owned())));
    let shown = text(&progress, 99);
    assert!(shown.contains("    ✗ cluster                            0:16  eks:CreateCluster answered X\n"), "{shown}");
    assert!(shown.ends_with("create failed after 0:30: 2 done, 1 failed, 2 not done\n"), "{shown}");
    assert!(!shown.contains("left"), "{shown}");
}

#[test]
fn a_section_that_is_done_takes_one_line() {
    let shown = text(&progress(&format!("{BEGUN}\n  120 s  network/nat-gateway/a  finished after 117 s")), 120);
    assert!(shown.contains("✓ network  2 done\n"), "{shown}");
    assert!(!shown.contains("nat-gateway/a"), "{shown}");
}

#[test]
fn a_journal_of_another_version_is_shown_as_it_is() {
    let strange = "stellar 9.0.0 hums\n  {\"v\":2}\n   12 s  network/vpc  dances\n\u{0}";
    let shown = text(&progress(strange), 5);
    assert!(shown.contains("stellar 9.0.0 hums\n") && shown.contains("dances"), "{shown}");
    // Events without the plan that belongs to them.
    let progress = progress("    1 s  network/vpc  started\n    2 s  search/domain  started");
    assert_eq!(progress.state(&"search/domain".parse::<Address>().unwrap()), State::Running);
    assert!(text(&progress, 5).contains("domain"));
}

#[test]
fn what_is_left_is_the_longest_chain() {
    let (fresh, later) = (progress(BEGUN).left(5), progress(BEGUN).left(65));
    assert!(fresh > later, "{fresh} {later}");
    let cluster = progress(BEGUN).expected(&"kubernetes/cluster".parse().unwrap());
    assert!(fresh > cluster, "the node pool comes after the cluster: {fresh} {cluster}");
}

#[test]
fn a_picture_fits_on_its_screen() {
    let picture: Vec<(Tone, String)> = (0..50).map(|n| (Tone::Quiet, format!("line {n} {}", "x".repeat(90)))).collect();
    let shown = fitted(&picture, 40, 10);
    assert_eq!(shown.len(), 10);
    assert!(shown.iter().all(|(_, text)| text.chars().count() <= 50), "{shown:#?}");
    assert!(shown[9].1.starts_with("line 49"), "{shown:#?}");
    assert!(shown[8].1.contains("41 more lines"), "{shown:#?}");
    assert_eq!(fitted(&picture[..3], 400, 10), picture[..3]);
}

#[test]
fn a_reason_is_never_cut() {
    let why = format!("    ✗ cluster   0:16  eks:CreateCluster answered {}: the role is not there", "X".repeat(70));
    let shown = fitted(&[(Tone::Bad, why.clone())], 40, 20);
    assert!(shown.iter().all(|(tone, text)| *tone == Tone::Bad && text.chars().count() <= 40), "{shown:#?}");
    let letters = |text: &str| text.chars().filter(|letter| !letter.is_whitespace()).collect::<String>();
    assert_eq!(letters(&shown.iter().map(|(_, text)| text.as_str()).collect::<String>()), letters(&why));
    assert!(shown[1].1.starts_with("      "), "{shown:#?}");
}
