//! What an operator asks about effects: mails, messages and calls that
//! transactions have asked for.

use std::fmt::Write as _;
use std::sync::Arc;

use stripegym_core::store::{EffectSelection, EffectState, Read, StoredEffect};
use stripegym_core::{Dispatcher, Store, store::StoreError};

use super::{LIST_MAX, day};

/// A question or an order about effects.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum OutboxOrder {
    /// Which effects there are.
    List(EffectSelection),
    /// Have dead effects delivered after all, by a running server.
    Replay {
        /// Which of the dead.
        selection: EffectSelection,
        /// Only say which.
        dry_run: bool,
    },
}

pub(super) async fn carry_out(
    store: &Arc<dyn Store>,
    mut read: Box<dyn Read>,
    order: OutboxOrder,
) -> Result<String, StoreError> {
    match order {
        OutboxOrder::List(selection) => Ok(list(&read.effects(&selection, LIST_MAX).await?)),
        OutboxOrder::Replay {
            selection,
            dry_run: true,
        } => {
            let mut found = read.effects(&dead(selection), LIST_MAX).await?;
            found.retain(|effect| effect.state == EffectState::Dead);
            Ok(format!(
                "{}Nothing was replayed; leave out --dry-run to do it.\n",
                list(&found)
            ))
        }
        OutboxOrder::Replay {
            selection,
            dry_run: false,
        } => {
            drop(read);
            // Without handlers it delivers nothing itself: that is the server's.
            let dispatcher = Dispatcher::builder(Arc::clone(store)).build();
            let count = dispatcher.replay(&selection).await?;
            Ok(format!("{count} effects are due again.\n"))
        }
    }
}

/// Only the dead are replayed, so that they are not crowded out of the list.
fn dead(selection: EffectSelection) -> EffectSelection {
    EffectSelection {
        state: selection.state.or(Some(EffectState::Dead)),
        ..selection
    }
}

fn list(effects: &[StoredEffect]) -> String {
    if effects.is_empty() {
        return "No effects.\n".to_owned();
    }
    let mut text = String::new();
    for effect in effects {
        // Writing to a `String` cannot fail.
        let _written = writeln!(
            text,
            "{}  {:<10}  {:>2} tries  {:<24} {}",
            day(effect.enqueued_at),
            effect.state.as_str(),
            effect.attempts,
            effect.name,
            effect.object_id,
        );
        if let Some(error) = &effect.last_error {
            let _written = writeln!(text, "    {error}");
        }
    }
    text
}
