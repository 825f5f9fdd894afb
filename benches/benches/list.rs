//! Reading a page of a list into views, against bare JSON values.

use std::error::Error;
use std::sync::Arc;

use serde_json::{Map, Value};
use stripegym_benches::inputs::invoice_page;
use stripegym_benches::{Ratio, Table, describe};
use stripegym_core::client::{Answer as _, List};
use stripegym_core::object::View;

/// A view does not read its fields until it is asked, so this one costs what
/// any of the library's costs.
struct Invoice(Arc<Map<String, Value>>);

impl View for Invoice {
    const OBJECT: &'static str = "invoice";

    fn from_object(json: Map<String, Value>) -> Self {
        Self(Arc::new(json))
    }
}

#[expect(clippy::print_stdout, reason = "this is what a benchmark is for")]
fn main() -> Result<(), Box<dyn Error>> {
    let page = invoice_page(100);
    let list = List::<Invoice>::from_slice(page.as_bytes())?;
    assert_eq!((list.data().len(), list.has_more()), (100, true));
    let last = list.data().last().map(|invoice| &invoice.0["number"]);
    assert_eq!(last, Some(&Value::from("EXAMPLE-00000099")));

    println!("{}", describe());
    let title = format!("A page of 100 invoices, {} bytes", page.len());
    Table::new(&title)
        .row("serde_json::Value of the same bytes", || {
            serde_json::from_slice::<Value>(page.as_bytes())
        })
        .row("List of views", || {
            List::<Invoice>::from_slice(page.as_bytes())
        })
        .at_most(Ratio::hundredths(105))
        .print();
    Ok(())
}
