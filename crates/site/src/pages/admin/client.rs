//! Who types a password: the address, and whether the device is known to an account.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr};

use accounts::device;
use accounts::user;
use axum::extract::FromRequestParts;
use db::datetime::now;
use http::HeaderMap;
use http::request::Parts;
use web::cookie::{self, Cookie, ReadableBy};
use web::forwarded::{ClientAddress, Scheme};

use crate::state::AppState;

/// The cookie of a device that has logged in before. By itself it opens nothing.
const DEVICE_COOKIE: &str = "device";

/// An extractor: where a password comes from.
#[derive(Debug, Clone)]
pub struct Client {
    /// The address.
    pub address: IpAddr,
    /// The cookie of the device, as it was sent.
    pub device: Option<String>,
    scheme: Scheme,
}

impl Client {
    /// Sets the cookie of a known device. With it the user gets in from this browser even while a
    /// flood of strangers, or the failures of others, keep strangers out.
    pub fn set_device_cookie(&self, app: &AppState, user: &user::Model, headers: &mut HeaderMap) {
        let value = device::issue(&app.visits.keys, &user.username, now());
        let cookie = Cookie {
            name: DEVICE_COOKIE,
            value: &value,
            path: "/admin/",
            max_age_seconds: Some(device::AGE.num_seconds()),
            readable_by: ReadableBy::Server,
            scheme: self.scheme,
        };
        cookie.set(headers);
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Client {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let address = parts
            .extensions
            .get()
            .map(|ClientAddress(address)| *address);
        let device = cookie::find(&parts.headers, DEVICE_COOKIE);
        Ok(Self {
            // All clients whose address is unknown count as one.
            address: address.unwrap_or(Ipv4Addr::UNSPECIFIED.into()),
            device: device.map(str::to_owned),
            scheme: parts.extensions.get().copied().unwrap_or(Scheme::Http),
        })
    }
}
