//! Pixels in memory: red, green, blue, a byte each, row by row from the top.

use super::bounds::PhotoError;

/// A picture in memory.
#[derive(Debug)]
pub struct Raster {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) pixels: Vec<u8>,
}

impl Raster {
    /// The picture of these pixels, of three bytes each (red, green, blue in sRGB), row by row from the
    /// top. Fails unless they are `width * height` and at least one.
    pub fn new(width: u32, height: u32, pixels: Vec<u8>) -> Result<Self, PhotoError> {
        let count = u64::from(width) * u64::from(height) * 3;
        if width == 0 || height == 0 || pixels.len() as u64 != count {
            return Err(PhotoError::Damaged);
        }
        Ok(Self {
            width,
            height,
            pixels,
        })
    }
}

/// What the samples of a decoded row are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layout {
    Grey,
    GreyAlpha,
    Rgb,
    Rgba,
    /// Ink, 255 being the most.
    Cmyk,
}

impl Layout {
    /// How many bytes a pixel has.
    pub(super) fn channels(self) -> usize {
        match self {
            Self::Grey => 1,
            Self::GreyAlpha => 2,
            Self::Rgb => 3,
            Self::Rgba | Self::Cmyk => 4,
        }
    }

    /// The color of a pixel of [`Self::channels`] bytes; what is transparent is on white.
    fn color(self, pixel: &[u8]) -> [u8; 3] {
        match (self, pixel) {
            (Self::Grey, &[grey]) => [grey; 3],
            (Self::GreyAlpha, &[grey, alpha]) => [on_white(grey, alpha); 3],
            (Self::Rgb, &[red, green, blue]) => [red, green, blue],
            (Self::Rgba, &[red, green, blue, alpha]) => {
                [red, green, blue].map(|level| on_white(level, alpha))
            }
            (Self::Cmyk, &[cyan, magenta, yellow, black]) => {
                [cyan, magenta, yellow].map(|ink| product(255 - ink, 255 - black))
            }
            _ => [255; 3],
        }
    }
}

/// Takes the rows of a picture and shrinks it by a whole number meanwhile, each pixel being the mean of
/// a square, so that the whole picture is never in memory.
#[derive(Debug)]
pub(super) struct Shrink {
    layout: Layout,
    factor: usize,
    /// Of the picture that is made.
    width: u32,
    /// Likewise.
    height: u32,
    /// The sums of the square's rows so far: three to a pixel of the picture that is made.
    sums: Vec<u32>,
    rows: usize,
    pixels: Vec<u8>,
}

impl Shrink {
    /// For a picture of `width` × `height` that becomes at least `1 / factor` as large. Columns and rows
    /// at the end that do not fill a square are left out.
    pub(super) fn new(layout: Layout, (width, height): (u32, u32), factor: u32) -> Self {
        let factor = factor.clamp(1, width.min(height).max(1));
        let (width, height) = (width / factor, height / factor);
        let samples = width as usize * 3;
        Self {
            layout,
            factor: factor as usize,
            width,
            height,
            sums: vec![0; samples],
            rows: 0,
            pixels: Vec::with_capacity(samples * height as usize),
        }
    }

    /// Takes the next row. Rows beyond the height are left out.
    pub(super) fn push(&mut self, row: &[u8]) {
        if self.pixels.len() >= self.sums.len() * self.height as usize {
            return;
        }
        let pixels = row.chunks_exact(self.layout.channels());
        if self.factor == 1 {
            for pixel in pixels.take(self.width as usize) {
                self.pixels.extend(self.layout.color(pixel));
            }
            return;
        }
        for (pixel, column) in pixels.zip(0..self.width as usize * self.factor) {
            let at = column / self.factor * 3;
            for (sum, level) in self.sums[at..at + 3]
                .iter_mut()
                .zip(self.layout.color(pixel))
            {
                *sum += u32::from(level);
            }
        }
        self.rows += 1;
        if self.rows == self.factor {
            self.end_square();
        }
    }

    fn end_square(&mut self) {
        let count = u32::try_from(self.factor * self.factor).unwrap_or(u32::MAX);
        for sum in &mut self.sums {
            let mean = (*sum + count / 2) / count;
            self.pixels.push(u8::try_from(mean).unwrap_or(u8::MAX));
            *sum = 0;
        }
        self.rows = 0;
    }

    /// The picture, when all rows have come.
    pub(super) fn finish(self) -> Result<Raster, PhotoError> {
        Raster::new(self.width, self.height, self.pixels)
    }
}

fn on_white(level: u8, alpha: u8) -> u8 {
    255 - product(255 - level, alpha)
}

/// The product of two shares of 255.
fn product(one: u8, other: u8) -> u8 {
    u8::try_from((u16::from(one) * u16::from(other) + 127) / 255).unwrap_or(u8::MAX)
}
