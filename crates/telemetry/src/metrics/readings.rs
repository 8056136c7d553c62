//! Metrics whose values are kept elsewhere, and read for each scrape.

use std::fmt;

use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;

/// Takes the values for one scrape.
#[derive(Debug)]
pub struct Readings<'a>(pub(super) DescriptorEncoder<'a>);

impl Readings<'_> {
    /// A counter. `name` is without `_total`, which is added.
    pub fn counter<Number: Clone>(&mut self, name: &str, help: &str, value: Number) -> fmt::Result
    where
        ConstCounter<Number>: EncodeMetric,
    {
        let counter = ConstCounter::new(value);
        let encoder = self
            .0
            .encode_descriptor(name, help, None, counter.metric_type())?;
        counter.encode(encoder)
    }

    /// Counters with one label, by its values.
    pub fn counters(
        &mut self,
        name: &str,
        help: &str,
        label: &'static str,
        values: &[(&'static str, u64)],
    ) -> fmt::Result {
        let kind = ConstCounter::new(0_u64).metric_type();
        let mut encoder = self.0.encode_descriptor(name, help, None, kind)?;
        for (value, number) in values {
            let labels = [(label, *value)];
            let encoder = encoder.encode_family(&labels)?;
            ConstCounter::new(*number).encode(encoder)?;
        }
        Ok(())
    }

    /// Gauges with one label, by its values.
    pub fn gauges(
        &mut self,
        name: &str,
        help: &str,
        label: &'static str,
        values: &[(&'static str, u32)],
    ) -> fmt::Result {
        let kind = ConstGauge::new(0_u32).metric_type();
        let mut encoder = self.0.encode_descriptor(name, help, None, kind)?;
        for (value, number) in values {
            let labels = [(label, *value)];
            let encoder = encoder.encode_family(&labels)?;
            ConstGauge::new(*number).encode(encoder)?;
        }
        Ok(())
    }

    /// A gauge.
    pub fn gauge(&mut self, name: &str, help: &str, value: f64) -> fmt::Result {
        let gauge = ConstGauge::new(value);
        let encoder = self
            .0
            .encode_descriptor(name, help, None, gauge.metric_type())?;
        gauge.encode(encoder)
    }
}
