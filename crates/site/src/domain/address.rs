//! Addresses: the table `lettings_address`.

use db::Integer;
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;

use super::rules;

/// A row of `lettings_address`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "lettings_address")]
pub struct Model {
    /// Its key.
    #[sea_orm(primary_key)]
    pub id: Integer,
    /// The house's number, 0 to 9999.
    pub number: Integer,
    /// 1 to 64 characters.
    pub street: String,
    /// 1 to 64 characters.
    pub city: String,
    /// Two characters.
    pub state: String,
    /// 0 to 99999: a number, so that `02134` is stored as 2134.
    pub zip_code: Integer,
    /// Three characters.
    pub country_iso_code: String,
}

#[expect(
    missing_docs,
    reason = "SeaORM asks for it; nothing is related from here"
)]
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

#[sea_orm::prelude::async_trait::async_trait]
impl ActiveModelBehavior for ActiveModel {
    async fn before_save<C: ConnectionTrait>(self, _db: &C, _insert: bool) -> Result<Self, DbErr> {
        if let Set(Integer(number)) = self.number {
            rules::number("number", number, 0..=9999)?;
        }
        if let Set(street) = &self.street {
            rules::text("street", street, 1..=64)?;
        }
        if let Set(city) = &self.city {
            rules::text("city", city, 1..=64)?;
        }
        if let Set(state) = &self.state {
            rules::text("state", state, 2..=2)?;
        }
        if let Set(Integer(zip_code)) = self.zip_code {
            rules::number("zip_code", zip_code, 0..=99_999)?;
        }
        if let Set(country) = &self.country_iso_code {
            rules::text("country_iso_code", country, 3..=3)?;
        }
        Ok(self)
    }
}

impl Model {
    /// The zip code as it is written: with five digits in the United States, elsewhere as the
    /// number stands.
    pub fn zip_code_text(&self) -> String {
        if self.country_iso_code == "USA" {
            format!("{:05}", self.zip_code.0)
        } else {
            self.zip_code.to_string()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zip_code_has_five_digits_in_the_united_states_alone() {
        let address = |zip_code, country: &str| Model {
            id: Integer(1),
            number: Integer(1),
            street: "Bay Road".to_owned(),
            city: "Boston".to_owned(),
            state: "MA".to_owned(),
            zip_code: Integer(zip_code),
            country_iso_code: country.to_owned(),
        };
        assert_eq!(address(2134, "USA").zip_code_text(), "02134");
        assert_eq!(address(2134, "FRA").zip_code_text(), "2134");
        assert_eq!(address(0, "USA").zip_code_text(), "00000");
    }
}
