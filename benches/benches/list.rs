//! Reading a page of a list into views, against bare JSON values.

use std::error::Error;

use serde_json::Value;
use stripegym_benches::inputs::invoice_page;
use stripegym_benches::{Ratio, Table, describe};
use stripegym_core::client::{Answer as _, List};
use stripegym_core::invoice::Invoice;

#[expect(clippy::print_stdout, reason = "this is what a benchmark is for")]
fn main() -> Result<(), Box<dyn Error>> {
    let page = invoice_page(100);
    let list = List::<Invoice>::from_slice(page.as_bytes())?;
    assert_eq!((list.data().len(), list.has_more()), (100, true));
    let last = list.data().last().map(Invoice::number).transpose()?;
    assert_eq!(last, Some(Some("EXAMPLE-00000099")));

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
