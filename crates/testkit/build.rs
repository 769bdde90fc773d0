//! Gives the tests a digest of the migrations' source, by which they know whether a migrated
//! template is still the right one.

#![expect(clippy::expect_used, reason = "a build that is not cargo's cannot go on")]

use std::{
    env, fs,
    path::{Path, PathBuf},
};

fn main() {
    // Asked of cargo when it runs, not when it is compiled: a second checkout may share the folder
    // that it is built into.
    let manifest = env::var_os("CARGO_MANIFEST_DIR").expect("cargo says where the crate is");
    let migrations = Path::new(&manifest).join("../../migrations/src");
    println!("cargo::rerun-if-changed={}", migrations.display());
    let mut files = Vec::new();
    collect(&migrations, &mut files);
    files.sort();
    let mut digest = FNV_OFFSET;
    for file in files {
        digest = fnv1a(digest, &fs::read(&file).unwrap_or_default());
    }
    println!("cargo::rustc-env=BURSAR_SCHEMA_DIGEST={digest:016x}");
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, files);
        } else {
            files.push(path);
        }
    }
}

const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;

fn fnv1a(seed: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(seed, |digest, byte| (digest ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3))
}
