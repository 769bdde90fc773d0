//! Each property is asked by a fuzz target and by a bounded test.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{collections::BTreeSet, fs, path::Path};

fn names(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let rust = entries.filter(|path| path.extension().is_some_and(|extension| extension == "rs"));
    rust.map(|path| path.file_stem().unwrap().to_string_lossy().into_owned()).collect()
}

#[test]
fn every_property_is_asked_by_a_target_and_by_a_bounded_test() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let library = fs::read_to_string(here.join("src/lib.rs")).unwrap();
    let properties: BTreeSet<_> = library
        .lines()
        .filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'))
        .map(str::to_owned)
        .collect();
    assert!(properties.len() > 1);

    let fuzz = here.join("../../fuzz");
    assert_eq!(names(&fuzz.join("fuzz_targets")), properties);
    let manifest = fs::read_to_string(fuzz.join("Cargo.toml")).unwrap();
    let bounded = fs::read_to_string(here.join("tests/bounded.rs")).unwrap();
    for property in properties {
        let target = fs::read_to_string(fuzz.join(format!("fuzz_targets/{property}.rs"))).unwrap();
        let asked = format!("{property}::holds(");
        assert!(target.contains(&asked) && bounded.contains(&asked), "{property} is not asked");
        assert!(
            manifest.contains(&format!("path = \"fuzz_targets/{property}.rs\"")),
            "{property} is not built"
        );
    }
}
