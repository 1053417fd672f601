//! The committed protocol code is what the protocol files say. `UPDATE_GEN=1 cargo test --test gen` rewrites it.

use std::fs;
use std::path::Path;

const FILES: [&str; 3] = ["tfplugin6", "plugin", "grpc.health.v1"];

#[test]
fn generated_code_matches_the_protocol_files() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let protos = root.join("../../proto");
    let fresh = tempfile::tempdir().expect("a directory for the generated code");
    let files = ["tfplugin6.proto", "plugin.proto", "health.proto"];
    let descriptors = protox::compile(files, [protos]).expect("the protocol files compile");
    tonic_prost_build::configure()
        .build_client(false)
        .emit_rerun_if_changed(false)
        .out_dir(fresh.path())
        .compile_fds(descriptors)
        .expect("code can be generated");

    for name in FILES {
        let committed = root.join("src/gen").join(format!("{name}.rs"));
        let fresh = fs::read_to_string(fresh.path().join(format!("{name}.rs"))).expect("generated");
        if std::env::var_os("UPDATE_GEN").is_some() {
            fs::write(&committed, fresh).expect("the source tree is writable");
        } else {
            let committed = fs::read_to_string(&committed).unwrap_or_default();
            assert!(committed == fresh, "src/gen/{name}.rs is stale: run with UPDATE_GEN=1");
        }
    }
}
