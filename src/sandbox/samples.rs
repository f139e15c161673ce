//! Artifacts to practise with: the same seed makes the same bytes, and type checks find what they look for.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use crate::release::fingerprint::{Fingerprint, Hasher};
use crate::release::version::Version;

const KOLY_SIZE: u64 = 512;
const XAR_HEADER_SIZE: u16 = 28;
/// The smallest DMG or PKG there is.
pub const MIN_BYTES: u64 = 4096;
const PLIST: &[u8] = br#"<?xml version="1.0" encoding="UTF-8"?>
<plist version="1.0"><dict><key>resource-fork</key><dict><key>blkx</key><array/></dict></dict></plist>
"#;

/// Writes a disk image of exactly so many bytes: pseudo-random data, a property list, the `koly` trailer.
pub fn dmg(path: &Path, bytes: u64, seed: u64) -> io::Result<Fingerprint> {
    let plist = PLIST.len() as u64;
    let data = at_least_min(bytes)? - KOLY_SIZE - plist;
    let mut sink = Sink::create(path)?;
    sink.noise(data, seed)?;
    sink.put(PLIST)?;
    sink.put(&koly(data, plist, seed))?;
    sink.finish()
}

/// Writes an installer package of exactly so many bytes: the `xar!` header and pseudo-random data.
pub fn pkg(path: &Path, bytes: u64, seed: u64) -> io::Result<Fingerprint> {
    let rest = at_least_min(bytes)? - u64::from(XAR_HEADER_SIZE);
    let mut sink = Sink::create(path)?;
    sink.put(b"xar!")?;
    sink.put(&XAR_HEADER_SIZE.to_be_bytes())?;
    sink.put(&1_u16.to_be_bytes())?; // format version
    sink.put(&1024_u64.to_be_bytes())?; // table of contents, compressed
    sink.put(&4096_u64.to_be_bytes())?; // the same, uncompressed
    sink.put(&1_u32.to_be_bytes())?; // its checksum: SHA-1
    sink.noise(rest, seed)?;
    sink.finish()
}

/// `LATEST_CHANGES.md` of a version, in the form of the original.
pub fn notes(version: &Version) -> String {
    include_str!("../../assets/sandbox/LATEST_CHANGES.md").replace("{version}", &version.to_string())
}

fn at_least_min(bytes: u64) -> io::Result<u64> {
    if bytes < MIN_BYTES {
        let message = format!("a sample artifact has at least {MIN_BYTES} bytes, not {bytes}");
        return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
    }
    Ok(bytes)
}

/// The UDIF trailer, big-endian throughout.
fn koly(data: u64, plist: u64, seed: u64) -> Vec<u8> {
    let mut trailer = Vec::new();
    let mut put = |bytes: &[u8]| trailer.extend_from_slice(bytes);
    put(b"koly");
    put(&4_u32.to_be_bytes()); // version
    put(&512_u32.to_be_bytes()); // size of this trailer
    put(&1_u32.to_be_bytes()); // flags: flattened
    put(&0_u64.to_be_bytes()); // running data fork offset
    put(&0_u64.to_be_bytes()); // data fork offset
    put(&data.to_be_bytes()); // data fork length
    put(&[0; 16]); // resource fork offset and length: none
    put(&1_u32.to_be_bytes()); // segment number
    put(&1_u32.to_be_bytes()); // segment count
    put(&seed.to_be_bytes()); // segment id, 16 bytes
    put(&(!seed).to_be_bytes());
    put(&checksum_field());
    put(&data.to_be_bytes()); // property list offset
    put(&plist.to_be_bytes()); // property list length
    put(&[0; 120]); // reserved
    put(&checksum_field());
    put(&1_u32.to_be_bytes()); // image variant: device image
    put(&data.div_ceil(512).to_be_bytes()); // sectors
    put(&[0; 12]); // reserved
    trailer
}

/// Type (2: CRC-32), size in bits, and room for 128 bytes.
fn checksum_field() -> Vec<u8> {
    [&2_u32.to_be_bytes()[..], &32_u32.to_be_bytes(), &[0; 128]].concat()
}

/// A file being written, and its fingerprint in the making.
struct Sink {
    file: BufWriter<File>,
    hasher: Hasher,
}

impl Sink {
    /// Never writes over what is there.
    fn create(path: &Path) -> io::Result<Self> {
        Ok(Self { file: BufWriter::new(File::create_new(path)?), hasher: Hasher::default() })
    }

    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.hasher.update(bytes);
        self.file.write_all(bytes)
    }

    /// So many bytes of splitmix64, which no compressor makes smaller.
    fn noise(&mut self, bytes: u64, seed: u64) -> io::Result<()> {
        let mut state = seed;
        let mut buffer = vec![0; 64 * 1024];
        let mut left = bytes;
        while left > 0 {
            for word in buffer.chunks_exact_mut(8) {
                state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
                let mut z = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
                z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
                word.copy_from_slice(&(z ^ (z >> 31)).to_le_bytes());
            }
            let now = usize::try_from(left).map_or(buffer.len(), |left| left.min(buffer.len()));
            self.put(&buffer[..now])?;
            left -= now as u64;
        }
        Ok(())
    }

    fn finish(mut self) -> io::Result<Fingerprint> {
        self.file.flush()?;
        Ok(self.hasher.finish())
    }
}
