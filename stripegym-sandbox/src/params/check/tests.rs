use super::*;
use crate::form::decode;

const ITEM: Shape = Shape::Hash(&[
    Param::text("price").required(),
    Param::integer_in("quantity", 1, 9),
]);
const TABLE: &[Param] = &[
    Param::text_up_to("name", 5).required(),
    Param::text("nickname").clearable(),
    Param::boolean("active"),
    Param::choice("interval", &["day", "week", "month"]),
    Param::new("currency", Shape::Currency),
    Param::new("unit_amount_decimal", Shape::Decimal),
    Param::new("created", Shape::Range),
    Param::url("url"),
    Param::list("items", &ITEM, 2),
    Param::metadata(),
    Param::not_yet("tiers"),
];

fn run(body: &str) -> Result<Args, ApiError> {
    check(&[TABLE], &decode("", body).unwrap())
}

fn refusal(body: &str) -> (String, String, String) {
    let error = run(body).unwrap_err().body("req_1");
    let text = |name: &str| error["error"][name].as_str().unwrap_or("-").to_owned();
    (text("code"), text("param"), text("message"))
}

#[test]
fn values_come_out_typed() {
    let args =
        run("name=ann&nickname=&active=true&currency=JPY&items[0][price]=p&items[0][quantity]=2")
            .unwrap();
    assert_eq!(args.text("name"), Some("ann"));
    assert_eq!(args.value("nickname"), Some(&Value::Null));
    assert_eq!(args.boolean("active"), Some(true));
    assert_eq!(args.text("currency"), Some("jpy"));
    assert_eq!(args.hashes("items")[0].integer("quantity"), Some(2));
    assert!(!args.has("url"));
}

#[test]
fn refusals_use_stripes_words_and_bracketed_paths() {
    let cases = [
        (
            "active=true",
            "parameter_missing",
            "name",
            "Missing required param: name.",
        ),
        (
            "name=a&foo=1",
            "parameter_unknown",
            "foo",
            "Received unknown parameter: foo",
        ),
        (
            "name=a&b=1&c=2",
            "parameter_unknown",
            "b",
            "Received unknown parameters: b, c",
        ),
        (
            "name=a&items[0][foo]=1",
            "parameter_unknown",
            "items[0][foo]",
            "Received unknown parameter: items[0][foo]",
        ),
        (
            "name=a&items[0][quantity]=1",
            "parameter_missing",
            "items[0][price]",
            "Missing required param: items[0][price].",
        ),
        (
            "name=a&items[0][price]=p&items[0][quantity]=abc",
            "parameter_invalid_integer",
            "items[0][quantity]",
            "Invalid integer: abc",
        ),
        ("name=a&active=yes", "-", "active", "Invalid boolean: yes"),
        (
            "name=a&interval=hour",
            "-",
            "interval",
            "Invalid interval: must be one of day, week, or month",
        ),
        (
            "name=a&url=javascript:alert(1)",
            "url_invalid",
            "url",
            "Not a valid URL",
        ),
        ("name=a&items=", "-", "items", "Invalid array"),
        ("name=a&metadata=x", "-", "metadata", "Invalid object"),
        (
            "name=a&tiers[0][up_to]=1",
            "-",
            "tiers",
            "The sandbox does not support the parameter `tiers` yet.",
        ),
    ];
    for (body, code, param, message) in cases {
        let expected = (code.to_owned(), param.to_owned(), message.to_owned());
        assert_eq!(refusal(body), expected, "{body}");
    }
    assert_eq!(refusal("name=").0, "parameter_invalid_empty");
    assert_eq!(refusal("name=abcdef").1, "name");
}

#[test]
fn lists_are_indexed_from_zero_or_pushed() {
    assert!(run("name=a&items[0][price]=p&items[1][price]=q").is_ok());
    assert!(run("name=a&items[][price]=p&items[][price]=q").is_ok());
    assert!(
        refusal("name=a&items[1][price]=p")
            .2
            .contains("sequential starting from 0")
    );
    assert!(
        refusal("name=a&items[x][price]=p")
            .2
            .contains("sequential starting from 0")
    );
    assert!(
        refusal("name=a&items[][price]=p&items[][price]=q&items[][price]=r")
            .2
            .contains("maximum 2")
    );
}

#[test]
fn metadata_has_limits_and_merges() {
    let long = "k".repeat(41);
    assert_eq!(refusal(&format!("name=a&metadata[{long}]=1")).1, "metadata");
    assert_eq!(
        refusal(&format!("name=a&metadata[k]={}", "v".repeat(501))).1,
        "metadata"
    );
    let many: String = (0..51).map(|at| format!("&metadata[k{at}]=1")).collect();
    assert_eq!(refusal(&format!("name=a{many}")).1, "metadata");

    let merged = merge_metadata(
        Some(&json!({"a": "1", "b": "2"})),
        &json!({"a": null, "c": "3"}),
    );
    assert_eq!(merged.unwrap(), json!({"b": "2", "c": "3"}));
    let cleared = merge_metadata(Some(&json!({"a": "1"})), &Value::Null);
    assert_eq!(cleared.unwrap(), json!({}));
}

#[test]
fn ranges_and_decimals_are_checked() {
    assert!(run("name=a&created=5").is_ok());
    assert!(run("name=a&created[gte]=5&created[lt]=9").is_ok());
    assert_eq!(refusal("name=a&created[after]=5").1, "created[after]");
    assert!(run("name=a&unit_amount_decimal=0.5").is_ok());
    for bad in ["-1", "1.", ".5", "1e3", "1.1234567890123"] {
        assert_eq!(
            refusal(&format!("name=a&unit_amount_decimal={bad}")).1,
            "unit_amount_decimal"
        );
    }
}
