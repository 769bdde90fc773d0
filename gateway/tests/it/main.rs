//! The frame and the families' shapes, through the whole router.

mod sandbox;
mod server;
mod shapes;
mod site;
