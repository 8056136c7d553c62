//! What is made of a photo.

/// What is made of a photo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prepared {
    /// The width of the photo as it was sent, turned upright, in pixels.
    pub width: u32,
    /// The height of the photo as it was sent, turned upright, in pixels.
    pub height: u32,
    /// Each width in both forms, from the narrowest: WebP, then JPEG. There is at least one width.
    /// A photo narrower than all of [`super::WIDTHS`] is kept at its own.
    pub variants: Vec<Variant>,
    /// The crop for `og:image` in JPEG: [`super::CARD_SIZE`], or of the same shape and smaller where the photo
    /// is smaller.
    pub card: Variant,
}

/// A photo in one size and form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variant {
    /// The width, in pixels.
    pub width: u32,
    /// The height, in pixels.
    pub height: u32,
    /// The form of the bytes.
    pub media_type: MediaType,
    /// The file.
    pub bytes: Vec<u8>,
}

/// The form of a picture that was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MediaType {
    /// The form for browsers since 2020.
    Webp,
    /// The form that everything reads.
    Jpeg,
}

impl MediaType {
    /// The name in `Content-Type` and in `<source type>`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Webp => "image/webp",
            Self::Jpeg => "image/jpeg",
        }
    }
}
