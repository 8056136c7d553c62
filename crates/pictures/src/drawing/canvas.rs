//! A sheet for flat shapes in whole numbers, written as SVG.

use std::fmt::Write as _;

/// A colour as SVG writes it.
pub(super) type Colour = &'static str;

/// The document as far as it is drawn.
#[derive(Debug)]
pub(super) struct Canvas {
    text: String,
    width: i32,
    height: i32,
}

impl Canvas {
    pub(super) fn new(width: i32, height: i32) -> Self {
        let text = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
             width=\"{}\" height=\"{}\">",
            width * 2,
            height * 2
        );
        Self {
            text,
            width,
            height,
        }
    }

    pub(super) fn width(&self) -> i32 {
        self.width
    }

    pub(super) fn height(&self) -> i32 {
        self.height
    }

    pub(super) fn finish(self) -> String {
        self.text + "</svg>"
    }

    /// Fills the whole sheet, from one colour at the top to another at the bottom.
    pub(super) fn background(&mut self, [top, middle, bottom]: [Colour; 3]) {
        let (width, height) = (self.width, self.height);
        self.write(format_args!(
            "<defs><linearGradient id=\"s\" x2=\"0\" y2=\"1\"><stop stop-color=\"{top}\"/>\
             <stop offset=\".45\" stop-color=\"{middle}\"/>\
             <stop offset=\".75\" stop-color=\"{bottom}\"/></linearGradient></defs>\
             <path fill=\"url(#s)\" d=\"M0 0h{width}v{height}H0z\"/>"
        ));
    }

    pub(super) fn circle(&mut self, (x, y): (i32, i32), radius: i32, colour: Colour) {
        self.write(format_args!(
            "<circle cx=\"{x}\" cy=\"{y}\" r=\"{radius}\" fill=\"{colour}\"/>"
        ));
    }

    /// A circle that is mostly transparent.
    pub(super) fn glow(&mut self, (x, y): (i32, i32), radius: i32, colour: Colour) {
        self.write(format_args!(
            "<circle cx=\"{x}\" cy=\"{y}\" r=\"{radius}\" fill=\"{colour}\" opacity=\".25\"/>"
        ));
    }

    pub(super) fn rectangle(&mut self, (x, y): (i32, i32), (w, h): (i32, i32), colour: Colour) {
        self.write(format_args!(
            "<path fill=\"{colour}\" d=\"M{x} {y}h{w}v{h}h{}z\"/>",
            -w
        ));
    }

    /// A closed shape through points.
    pub(super) fn shape(&mut self, points: &[(i32, i32)], colour: Colour) {
        self.write(format_args!("<path fill=\"{colour}\" d=\""));
        self.write_points(points);
    }

    /// A closed shape through points, mostly transparent: a beam of light.
    pub(super) fn beam(&mut self, points: &[(i32, i32)], colour: Colour) {
        self.write(format_args!("<path opacity=\".25\" fill=\"{colour}\" d=\""));
        self.write_points(points);
    }

    fn write_points(&mut self, points: &[(i32, i32)]) {
        for (index, (x, y)) in points.iter().enumerate() {
            let command = if index == 0 { 'M' } else { 'L' };
            self.write(format_args!("{command}{x} {y}"));
        }
        self.write(format_args!("z\"/>"));
    }

    /// What `draw` draws from `(0, 0)` on is put at another place, in tenths of its size.
    pub(super) fn scaled(&mut self, (x, y): (i32, i32), tenths: i32, draw: impl FnOnce(&mut Self)) {
        let (whole, rest) = (tenths / 10, tenths % 10);
        self.write(format_args!(
            "<g transform=\"translate({x} {y})scale({whole}.{rest})\">"
        ));
        draw(self);
        self.write(format_args!("</g>"));
    }

    /// A shape by SVG's own path commands.
    pub(super) fn path(&mut self, commands: &str, colour: Colour) {
        self.write(format_args!("<path fill=\"{colour}\" d=\"{commands}\"/>"));
    }

    /// A line by SVG's own path commands.
    pub(super) fn line(&mut self, commands: &str, width: i32, colour: Colour) {
        self.write(format_args!(
            "<path fill=\"none\" stroke=\"{colour}\" stroke-width=\"{width}\" \
             stroke-linecap=\"round\" d=\"{commands}\"/>"
        ));
    }

    /// Land from edge to edge and down to the bottom. Its top is a soft line through these heights.
    pub(super) fn hills(&mut self, heights: &[i32], colour: Colour) {
        let (width, height) = (self.width, self.height);
        let parts = i32::try_from(heights.len())
            .unwrap_or(1)
            .saturating_sub(1)
            .max(1);
        let mut commands = format!("M0 {height}V{}", heights.first().unwrap_or(&height));
        let (mut last_x, mut last_y) = (0, *heights.first().unwrap_or(&height));
        for (index, y) in (1..).zip(heights.iter().skip(1)) {
            let x = width * index / parts;
            let middle = i32::midpoint(last_x, x);
            commands += &format!("C{middle} {last_y} {middle} {y} {x} {y}");
            (last_x, last_y) = (x, *y);
        }
        commands += &format!("V{height}z");
        self.path(&commands, colour);
    }

    fn write(&mut self, arguments: std::fmt::Arguments<'_>) {
        // Writing into a string cannot fail.
        let _ = self.text.write_fmt(arguments);
    }
}
