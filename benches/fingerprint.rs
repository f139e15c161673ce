//! How fast an artifact is fingerprinted.

use std::fs::File;
use std::hint::black_box;
use std::io::Write as _;
use std::path::PathBuf;

use criterion::{Criterion, Throughput};
use nexy_release::release::fingerprint::Digest;
use nexy_release::world::inbox;
use nexy_release::world::stop::Stop;

const SIZE: u64 = 302 << 20;

fn file(folder: &tempfile::TempDir, name: &str) -> std::io::Result<PathBuf> {
    let path = folder.path().join(name);
    let mut file = File::create(&path)?;
    let piece: Vec<u8> = (0..1_u32 << 20).map(|at| at.wrapping_mul(2_654_435_761).to_be_bytes()[0]).collect();
    for _ in 0..SIZE >> 20 {
        file.write_all(&piece)?;
    }
    Ok(path)
}

fn fingerprints(criterion: &mut Criterion) -> std::io::Result<()> {
    let folder = tempfile::tempdir()?;
    let files = [file(&folder, "one")?, file(&folder, "two")?];
    let mut group = criterion.benchmark_group("fingerprint");
    group.sample_size(10).throughput(Throughput::Bytes(SIZE));
    group.bench_function("one file of 302 MiB", |bencher| {
        bencher.iter(|| inbox::inspect(black_box(&files[0]), &|_| {}, &Stop::default()).is_ok());
    });
    group.throughput(Throughput::Bytes(2 * SIZE));
    group.bench_function("two files side by side", |bencher| {
        bencher.iter(|| {
            std::thread::scope(|scope| {
                for file in &files {
                    scope.spawn(|| inbox::inspect(black_box(file), &|_| {}, &Stop::default()).is_ok());
                }
            });
        });
    });
    group.throughput(Throughput::Bytes(1 << 20));
    let piece = vec![7; 1 << 20];
    group.bench_function("one MiB in memory", |bencher| bencher.iter(|| Digest::of(black_box(&piece))));
    group.finish();
    Ok(())
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    if let Err(error) = fingerprints(&mut criterion) {
        eprintln!("the files cannot be written: {error}");
    }
    criterion.final_summary();
}
