//! The made-up logins of the demo systems, so that a configuration and a test can name them.

/// Client id of the PIM connection.
pub const PIM_CLIENT_ID: &str = "demo_pim_client";
/// Secret of the PIM connection.
pub const PIM_CLIENT_SECRET: &str = "demo_pim_secret";
/// User of the PIM connection.
pub const PIM_USERNAME: &str = "skuery";
/// Password of the PIM user.
pub const PIM_PASSWORD: &str = "skuery-pim-pass";

/// Tenant of the ERP, part of every address.
pub const ERP_TENANT: &str = "demo-tenant";
/// Environment of the ERP, part of every address.
pub const ERP_ENVIRONMENT: &str = "Production";
/// Company of the ERP, part of every address.
pub const ERP_COMPANY: &str = "9b1f6c1e-5d0a-4f0e-8a65-2f6f7c1d0a11";
/// Client id of the ERP application.
pub const ERP_CLIENT_ID: &str = "demo-erp-client";
/// Secret of the ERP application.
pub const ERP_CLIENT_SECRET: &str = "demo-erp-secret";

/// User of the WMS.
pub const WMS_USERNAME: &str = "skuery";
/// Password of the WMS user.
pub const WMS_PASSWORD: &str = "skuery-wms-pass";
/// The goods owner whose articles the WMS keeps.
pub const WMS_GOODS_OWNER_ID: i64 = 7;

/// Account of the POS, part of every address.
pub const POS_ACCOUNT: &str = "90214";
/// User of the POS.
pub const POS_USERNAME: &str = "90214-118";
/// Password of the POS user.
pub const POS_PASSWORD: &str = "skuery-pos-pass";

/// Key of the marketplace's API.
pub const MARKETPLACE_KEY: &str = "skuery-marketplace-key";

/// Secret key of the payment provider's API.
pub const PAYMENTS_KEY: &str = "sk_test_skuery_demo";
