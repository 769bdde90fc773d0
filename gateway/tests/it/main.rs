//! The frame and the families' shapes, through the whole router.

mod server;
mod shapes;
mod site;
