//! What the kernel says of a process.

use std::fs;

use crate::Failure;

/// Processor time of all its threads, in nanoseconds, as the scheduler counts it. It is what `utime` and `stime` add up to,
/// without being rounded to hundredths of a second; a thread that has ended is not in it, and none of ours ends.
pub(crate) fn processor_nanos(process: u32) -> Result<u64, Failure> {
    let mut nanos = 0;
    for thread in fs::read_dir(format!("/proc/{process}/task"))? {
        let counted = fs::read_to_string(thread?.path().join("schedstat"))?;
        let running = counted.split_whitespace().next().ok_or("no schedstat")?;
        nanos += running.parse::<u64>()?;
    }
    Ok(nanos)
}

/// The most memory it ever held, in MiB (`VmHWM`).
pub(crate) fn peak_mib(process: u32) -> Result<f64, Failure> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line
        .and_then(|line| line.split_whitespace().next())
        .ok_or("no VmHWM")?;
    Ok(kib.parse::<f64>()? / 1024.0)
}

/// The processor's name and how many there are.
pub(crate) fn machine() -> String {
    let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu.lines().find(|line| line.starts_with("model name"));
    let model = model
        .and_then(|line| line.split(':').nth(1))
        .unwrap_or("unknown")
        .trim();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    format!("{model}, {cores} cores")
}
