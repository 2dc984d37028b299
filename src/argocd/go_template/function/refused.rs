//! Functions of sprig's that are refused, for what they give is another thing every time.

const CLOCK: &str = "it reads the clock";
const RANDOM: &str = "it draws random numbers";
const ZONE: &str = "it reads the time zone of the machine";

/// The names, each with the reason.
pub(super) const REFUSED: &[(&str, &str)] = &[
    ("ago", CLOCK),
    ("bcrypt", RANDOM),
    ("date", ZONE),
    ("encryptAES", RANDOM),
    ("genCA", RANDOM),
    ("genCAWithKey", RANDOM),
    ("genPrivateKey", RANDOM),
    ("genSelfSignedCert", RANDOM),
    ("genSelfSignedCertWithKey", RANDOM),
    ("genSignedCert", RANDOM),
    ("genSignedCertWithKey", RANDOM),
    ("htmlDate", ZONE),
    ("htpasswd", RANDOM),
    ("now", CLOCK),
    ("randAlpha", RANDOM),
    ("randAlphaNum", RANDOM),
    ("randAscii", RANDOM),
    ("randBytes", RANDOM),
    ("randInt", RANDOM),
    ("randNumeric", RANDOM),
    ("shuffle", RANDOM),
    ("uuidv4", RANDOM),
];
