//! Wraps a core module into the component that `redeemable.wit` describes.
//!   componentise WIT CORE COMPONENT

use std::error::Error;
use std::{env, fs};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [wit, core, component] = arguments.as_slice() else {
        return Err("expected three files: WIT, core module, component".into());
    };
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_path(wit)?;
    let world = resolve.select_world(&[package], None)?;
    let mut module = fs::read(core)?;
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8, false)?;
    let bytes = ComponentEncoder::default().validate(true).module(&module)?.encode()?;
    Ok(fs::write(component, bytes)?)
}
