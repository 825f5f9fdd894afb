//! `expand[]`: ids replaced by the objects they name, along declared paths only.

use serde_json::Value;

use crate::error::ApiError;
use crate::form::Node;
use crate::resources::{self, Resource};
use crate::state::{Entry, State};

const DEPTH_MAX: usize = 4;
const PATHS_MAX: usize = 50;
const TOTAL_COUNT: &str = "total_count";

/// Takes `expand` out of a request.
pub(crate) fn take_paths(form: &mut Node) -> Result<Vec<String>, ApiError> {
    let Node::Hash(fields) = form else {
        return Ok(Vec::new());
    };
    let nodes: Vec<Node> = match fields.remove("expand") {
        None => return Ok(Vec::new()),
        // An empty list, as stripe-go sends it.
        Some(Node::Text(text)) if text.is_empty() => return Ok(Vec::new()),
        Some(Node::Pushed(items)) => items,
        Some(Node::Hash(items)) => items.into_values().collect(),
        Some(Node::Text(_)) => return Err(ApiError::invalid("Invalid array").param("expand")),
    };
    if nodes.len() > PATHS_MAX {
        return Err(ApiError::invalid("Too many expansions.").param("expand"));
    }
    let paths = nodes.into_iter().map(|node| match node {
        Node::Text(path) if path.split('.').count() > DEPTH_MAX => Err(ApiError::invalid(format!(
            "You cannot expand more than {DEPTH_MAX} levels of a property. Property: {path}"
        ))
        .param("expand")),
        Node::Text(path) => Ok(path),
        _ => Err(ApiError::invalid("Invalid string").param("expand")),
    });
    paths.collect()
}

/// Expands every path in `body`.
pub(crate) fn apply(state: &State, body: &mut Value, paths: &[String]) -> Result<(), ApiError> {
    // The one thing that results of a search hold back until it is asked for.
    let counts = paths.iter().any(|path| path == TOTAL_COUNT);
    if body["object"] == "search_result" && !counts {
        body.as_object_mut().map(|body| body.remove(TOTAL_COUNT));
    }
    let is_count = |path: &&String| body["object"] == "search_result" && *path == TOTAL_COUNT;
    let paths: Vec<&String> = paths.iter().filter(|path| !is_count(path)).collect();
    for path in paths {
        let segments: Vec<&str> = path.split('.').collect();
        let walk = Walk { state, path };
        walk.walk_into(body, &segments, &Place::default())?;
    }
    Ok(())
}

/// Where in which resource's object a value stands.
#[derive(Default, Clone)]
struct Place {
    resource: Option<&'static Resource>,
    /// The dotted path of the hash inside that object.
    prefix: String,
}

struct Walk<'a> {
    state: &'a State,
    path: &'a str,
}

impl Walk<'_> {
    fn walk_into(
        &self,
        value: &mut Value,
        segments: &[&str],
        place: &Place,
    ) -> Result<(), ApiError> {
        let Some((name, rest)) = segments.split_first() else {
            return Ok(());
        };
        match value {
            Value::Null => Ok(()),
            Value::Array(items) => items
                .iter_mut()
                .try_for_each(|item| self.walk_into(item, segments, place)),
            Value::Object(fields) => {
                let place = match fields.get("object").and_then(Value::as_str) {
                    Some(name) => Place {
                        resource: resources::of_object(name),
                        prefix: String::new(),
                    },
                    None => place.clone(),
                };
                if !fields.contains_key(*name)
                    && let Some(made) = self.include(fields.get("id"), &place, name)
                {
                    fields.insert((*name).to_owned(), made);
                }
                let field = fields.get_mut(*name).ok_or_else(|| self.refuse())?;
                self.field(field, rest, &place, name)
            }
            _ => Err(self.refuse()),
        }
    }

    fn field(
        &self,
        field: &mut Value,
        rest: &[&str],
        place: &Place,
        name: &str,
    ) -> Result<(), ApiError> {
        let dotted = if place.prefix.is_empty() {
            name.to_owned()
        } else {
            format!("{}.{name}", place.prefix)
        };
        let declared = place
            .resource
            .is_some_and(|r| r.expandable.contains(&dotted.as_str()));
        if let Value::Array(items) = field
            && declared
        {
            for item in items {
                if let Some(entry) = item.as_str().and_then(|id| self.state.entries.get(id)) {
                    *item = Value::Object(entry.object.clone());
                }
            }
        } else if let Value::String(id) = field {
            if !declared {
                return Err(self.refuse());
            }
            if let Some(entry) = self.state.entries.get(id) {
                *field = Value::Object(entry.object.clone());
            }
        } else if rest.is_empty() && !self.may_end_at(field, place, &dotted) {
            return Err(self.refuse());
        }
        self.walk_into(
            field,
            rest,
            &Place {
                resource: place.resource,
                prefix: dotted,
            },
        )
    }

    /// An expansion ends at an expandable field, even if it is `null` now or another path has
    /// expanded it already, or at an included list.
    fn may_end_at(&self, field: &Value, place: &Place, dotted: &str) -> bool {
        let included = |resource: &Resource| resource.includable.iter().any(|i| i.name == dotted);
        place
            .resource
            .is_some_and(|r| r.expandable.contains(&dotted) || included(r))
            || field.get("object").is_some()
    }

    fn include(&self, id: Option<&Value>, place: &Place, name: &str) -> Option<Value> {
        let includable = place.resource?.includable.iter().find(|i| i.name == name)?;
        let entry: &Entry = self.state.entries.get(id?.as_str()?)?;
        Some((includable.make)(self.state, entry))
    }

    fn refuse(&self) -> ApiError {
        ApiError::invalid(format!("This property cannot be expanded ({}).", self.path))
            .param("expand")
    }
}
