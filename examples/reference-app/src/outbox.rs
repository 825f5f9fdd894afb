//! The words of the command `outbox`.

use clap::{Args, Subcommand};
use reference_app::OutboxOrder;
use stripegym_core::store::{EffectSelection, EffectState};

#[derive(Subcommand)]
pub(crate) enum Outbox {
    /// List effects, the last asked for first, 100 at most
    List {
        /// Only effects in this state: waiting, processing, done, retry or dead
        #[arg(long, value_parser = |name: &str| {
            EffectState::from_name(name).ok_or("waiting, processing, done, retry or dead")
        })]
        state: Option<EffectState>,
        #[command(flatten)]
        which: Which,
    },
    /// Have dead effects delivered after all; a running server does it
    Replay {
        #[command(flatten)]
        which: Which,
        /// Every dead effect
        #[arg(long, conflicts_with_all = ["object", "name"])]
        all: bool,
        /// Only say which effects these are
        #[arg(long)]
        dry_run: bool,
    },
}

#[derive(Args)]
pub(crate) struct Which {
    /// Only effects of this object, by its id
    #[arg(long)]
    object: Option<String>,
    /// Only effects of this name, such as mail.receipt
    #[arg(long)]
    name: Option<String>,
}

impl Outbox {
    /// What the operator wants, if it is clear.
    pub(crate) fn order(self) -> anyhow::Result<OutboxOrder> {
        match self {
            Self::List { state, which } => Ok(OutboxOrder::List(which.selection(state))),
            Self::Replay {
                which,
                all,
                dry_run,
            } => {
                let selection = which.selection(None);
                if selection == EffectSelection::default() && !all && !dry_run {
                    anyhow::bail!("say which with --object or --name, or --all");
                }
                Ok(OutboxOrder::Replay { selection, dry_run })
            }
        }
    }
}

impl Which {
    fn selection(self, state: Option<EffectState>) -> EffectSelection {
        EffectSelection {
            object_id: self.object,
            name: self.name,
            state,
        }
    }
}
