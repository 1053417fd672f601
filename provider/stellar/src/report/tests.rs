use std::{fs, path::PathBuf};

use super::{path::critical, *};

fn address(text: &str) -> Address {
    text.parse().unwrap()
}

fn bar(name: &str, begin: f64, end: f64, after: &[&str]) -> Bar {
    Bar {
        address: address(name),
        noun: "thing".to_owned(),
        action: Action::Create,
        id: Some(format!("id-of-{}", name.replace('/', "-"))),
        begin,
        end: Some(end),
        failed: None,
        expected: 2.0,
        after: after.iter().map(|other| address(other)).collect(),
    }
}

/// vpc → subnet → (nat, cluster) → pool; the gateway is quick, the cluster slow.
fn report() -> Report {
    Report {
        head: Head {
            stack: "shop".to_owned(),
            region: "us-east-1".to_owned(),
            operation: "create".to_owned(),
            by: "arn:aws:sts::123456789012:assumed-role/deploy/ci".to_owned(),
            from: "ci-7:/builds/shop".to_owned(),
        },
        began: "2026-11-30 17:04:05 UTC".to_owned(),
        seconds: 905.0,
        bars: vec![
            bar("network/vpc", 0.0, 3.0, &[]),
            bar("network/subnet/a", 3.2, 5.0, &["network/vpc"]),
            bar("network/nat-gateway/a", 5.1, 120.0, &["network/subnet/a"]),
            bar("kubernetes/cluster", 5.2, 605.0, &["network/subnet/a", "network/vpc"]),
            bar("kubernetes/pool", 605.4, 905.0, &["kubernetes/cluster", "network/nat-gateway/a"]),
        ],
        calls: vec![("ec2:DescribeVpcs".to_owned(), 12, 1)],
        ..Report::default()
    }
}

#[test]
fn the_critical_path_is_what_was_waited_for_longest() {
    let report = report();
    let path: Vec<&str> = critical(&report).iter().map(|bar| bar.address.as_str()).collect();
    assert_eq!(path, ["network/vpc", "network/subnet/a", "kubernetes/cluster", "kubernetes/pool"]);
    assert_eq!(critical(&Report::default()), Vec::<&Bar>::new());
}

#[test]
fn a_page_looks_like_the_one_beside_this_file() {
    let page = html::page(&report());
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/report/page.html");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&path, &page).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert!(page == expected, "it differs: UPDATE_GOLDEN=1 cargo test writes it anew");
}

#[test]
fn what_went_wrong_is_told_and_nothing_of_it_is_taken_for_html() {
    let mut report = report();
    report.bars[4].failed = Some("eks:CreateNodegroup answered <X> \"quoted\" & more".to_owned());
    report.bars[3].end = None;
    report.waiting = vec![(address("kubernetes/addon"), vec![address("kubernetes/pool")])];
    report.retained = vec!["rds/snapshot shop-final: <b>".to_owned()];
    report.head.from = "pc:/home/<script>alert(1)</script>".to_owned();
    let page = html::page(&report);
    for part in [
        "not finished",
        "answered &lt;X&gt; &quot;quoted&quot; &amp; more",
        "<code>kubernetes/addon</code> waits for <code>kubernetes/pool</code>",
        "shop-final: &lt;b&gt;",
        "&lt;script&gt;",
        "<li><code>kubernetes/cluster</code>: interrupted</li>",
    ] {
        assert!(page.contains(part), "{part}\n{page}");
    }
    assert!(!page.contains("<script") && !page.contains("http"), "nothing is run or fetched");
}

#[test]
fn what_took_no_time_shares_a_line() {
    let mut report = report();
    for letter in ["a", "b", "c", "d"] {
        report.bars.push(bar(&format!("network/route/{letter}"), 5.0, 8.0, &[]));
    }
    let page = html::page(&report);
    assert!(page.contains("4 brief ones, up to 0:03"), "{page}");
    // The critical path stays in sight however short its steps are; what failed as well.
    let told = page.find("<span class=\"name\">subnet/a</span>").unwrap();
    assert!(told < page.find("brief ones").unwrap(), "{page}");
    report.bars.last_mut().unwrap().failed = Some("it is not there".to_owned());
    assert!(!html::page(&report).contains("brief ones"), "three are not too many to look at");
}

#[test]
fn an_operation_without_any_work_has_a_page_too() {
    let page = html::page(&Report::default());
    assert!(page.contains("ended well"));
    assert!(!page.contains("Timeline"));
}

#[test]
fn a_report_is_written_whole_or_not_at_all() {
    let directory = std::env::temp_dir().join(format!("stellar-report-{}-{}", std::process::id(), fastrand()));
    let path = report().write(&directory).unwrap();
    assert_eq!(path.file_name().unwrap(), "shop-20261130170405-create.html");
    assert!(fs::read_to_string(&path).unwrap().ends_with("</html>\n"));
    assert_eq!(fs::read_dir(&directory).unwrap().count(), 1);
    fs::remove_dir_all(&directory).unwrap();
    fs::write(&directory, "a file where the directory should be").unwrap();
    assert!(report().write(&directory).is_err());
    fs::remove_file(&directory).unwrap();
}

/// A number that no other run has.
fn fastrand() -> u128 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos()
}

#[test]
fn times_are_read_like_a_clock() {
    let rows = [(0.0, "0:00"), (59.6, "1:00"), (545.0, "9:05"), (3723.0, "1:02:03"), (-1.0, "0:00")];
    for (seconds, expected) in rows {
        assert_eq!(minutes(seconds), expected);
    }
    assert_eq!(clock(UNIX_EPOCH), "1970-01-01 00:00:00 UTC");
}
