//! What the figures depend on, to be printed above them.

/// One line about the processor; SHA extensions decide how long an HMAC takes.
#[must_use]
pub fn describe() -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(": "))
        .map_or("unknown processor", |(_, model)| model);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let sha = if has_sha_extensions() {
        "with"
    } else {
        "without"
    };
    format!("{model}, {threads} threads, {sha} SHA extensions")
}

#[cfg(target_arch = "x86_64")]
fn has_sha_extensions() -> bool {
    std::arch::is_x86_feature_detected!("sha")
}

#[cfg(target_arch = "aarch64")]
fn has_sha_extensions() -> bool {
    std::arch::is_aarch64_feature_detected!("sha2")
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
fn has_sha_extensions() -> bool {
    false
}
