//! The `skuery` binary: see `skuery --help`.

use std::process::ExitCode;

/// Large response buffers are expensive with glibc's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    skuery::cli::run()
}
