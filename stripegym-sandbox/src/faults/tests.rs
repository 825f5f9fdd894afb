use super::*;

fn plan(text: &str) -> FaultPlan {
    text.parse().unwrap()
}

#[test]
fn every_rule_reads_back_from_what_it_is_shown_as() {
    let texts = [
        "duplicate 30% copies=2",
        "reorder of customer.* on we_1",
        "delay seconds=9 times=3 skip=1",
        "drop 1% on http://127.0.0.1:8080/*",
        "tie of invoice.*",
        "rate-limit on /v1/customers",
        "lock-timeout on * /v1/*",
        "fail-before status=503 on POST /v1/customers",
        "fail-after on DELETE /v1/customers/*",
        "hang-before seconds=0",
        "hang-after",
        "outage after=5 every=60 for=10",
    ];
    for text in texts {
        let shown = plan(text).rules()[0].to_string();
        assert_eq!(plan(&shown), plan(text), "{text} was shown as {shown}");
    }
    for (name, spec) in PROFILES {
        assert_eq!(plan(name).rules(), plan(spec).rules());
        assert_eq!(plan(name).profile(), Some(name));
    }
}

#[test]
fn what_makes_no_sense_is_refused_with_its_reason() {
    let cases = [
        ("explode", "`explode` is no fault"),
        ("drop 0%", "between 1 % and 100 %"),
        ("drop 101%", "between 1 % and 100 %"),
        ("drop x%", "`x` is no whole number"),
        ("drop copies=2", "it has no option `copies`"),
        ("drop colour=2", "there is no option `colour`"),
        ("drop twice", "`twice` means nothing"),
        ("drop on", "something is missing"),
        ("drop on POST /v1/customers", "a webhook endpoint"),
        ("tie on we_1", "use `of`"),
        ("rate-limit on we_1", "a method and a path"),
        ("rate-limit of customer.*", "this is about requests"),
        ("fail-after status=404", "500, 502, 503 or 504"),
        ("duplicate copies=0", "not between 1 and 20"),
        ("outage every=5 for=5", "never ends"),
        (r#"[{"fault":"drop","colour":1}]"#, "unknown field"),
        ("[1", "no JSON"),
        (r#"[{"fault":"drop","on":"PUT /v1"}]"#, "starts with GET"),
    ];
    for (text, reason) in cases {
        let error = text.parse::<FaultPlan>().unwrap_err().to_string();
        assert!(error.contains(reason), "{text}: {error}");
    }
    let many = "drop;".repeat(RULES_MAX + 1);
    assert!(many.parse::<FaultPlan>().is_err());
}

#[test]
fn a_star_stands_for_anything() {
    let cases = [
        ("*", "", true),
        ("a*", "abc", true),
        ("*c", "abc", true),
        ("a*c", "ac", true),
        ("a*b*c", "a-b-b-c", true),
        ("a*b*c", "a-c", false),
        ("abc", "abcd", false),
        ("a*a", "a", false),
    ];
    for (pattern, text, expected) in cases {
        assert_eq!(rule::matches(pattern, text), expected, "{pattern} {text}");
    }
}

#[test]
fn the_same_seed_decides_the_same_whatever_happens_in_between() {
    let decide = |seed, noise: bool| {
        let text = "rate-limit 50% on POST /v1/customers; fail-after 50% on POST /v1/products; \
                    delay 50% seconds=50; drop 20%";
        let mut faults = Faults::new(plan(text), seed, 0);
        let mut all = Vec::new();
        for _ in 0..50 {
            all.push(format!(
                "{:?}",
                faults.on_request("POST", "/v1/customers", 0)
            ));
            if noise {
                faults.on_request("POST", "/v1/products", 0);
            }
            all.push(format!("{:?}", faults.on_delivery("x", "we_1", "http://x")));
        }
        all
    };
    assert_eq!(decide(7, false), decide(7, true));
    assert_ne!(decide(7, false), decide(8, false));
}

#[test]
fn chances_are_kept_over_many_draws() {
    let mut faults = Faults::new(plan("rate-limit 30%"), 1, 0);
    let hits = (0..10_000).filter(|_| faults.on_request("GET", "/v1/x", 0).is_some());
    let hits = hits.count();
    assert!((2_800..3_200).contains(&hits), "{hits}");
}

#[test]
fn skip_and_times_choose_exactly_which_ones() {
    let mut faults = Faults::new(plan("rate-limit skip=1 times=2"), 1, 0);
    let hits: Vec<bool> = (0..5)
        .map(|_| faults.on_request("GET", "/v1/x", 0).is_some())
        .collect();
    assert_eq!(hits, [false, true, true, false, false]);
}

#[test]
fn an_outage_has_its_windows() {
    let out_at = |text: &str| {
        let mut faults = Faults::new(plan(text), 1, 1_000);
        let seconds = 1_000..1_020;
        seconds
            .filter(|now| faults.on_request("GET", "/v1/x", *now).is_some())
            .map(|now| now - 1_000)
            .collect::<Vec<_>>()
    };
    assert_eq!(out_at("outage after=3 for=2"), [3, 4]);
    assert_eq!(out_at("outage for=2 every=8"), [0, 1, 8, 9, 16, 17]);
}
