import COpenSSL
import NIOSSL

/// A certificate authority for one run of simulated venues: made at the start, kept in memory only,
/// and trusted by nobody else. With it the simulated venues speak TLS as the real ones do.
struct SimulatedAuthority {
    /// The certificate that clients of the simulated venues trust.
    let root: NIOSSLCertificate
    /// The certificate and key of the venues, for `localhost` and `127.0.0.1`.
    let certificate: NIOSSLCertificate
    let key: NIOSSLPrivateKey

    /// Why no authority could be made.
    struct Failure: Error { let step: StaticString }

    /// A new authority and a certificate that it signed.
    init() throws {
        let rootKey = try Self.makeKey()
        defer { EVP_PKEY_free(rootKey) }
        let venueKey = try Self.makeKey()
        defer { EVP_PKEY_free(venueKey) }
        let rootPEM = try Self.certificate(
            name: "Tapefold simulated authority", of: rootKey, signer: rootKey, issuer: nil,
            serial: 1, extensions: [(NID_basic_constraints, "critical,CA:TRUE")])
        let root = try NIOSSLCertificate(bytes: rootPEM, format: .pem)
        self.root = root
        let leaf = try Self.certificate(
            name: "localhost", of: venueKey, signer: rootKey,
            issuer: "Tapefold simulated authority", serial: 2,
            extensions: [(NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1")])
        certificate = try NIOSSLCertificate(bytes: leaf, format: .pem)
        key = try NIOSSLPrivateKey(bytes: try Self.pem(of: venueKey), format: .pem)
    }

    private static func require<Value>(
        _ value: Value?, _ step: StaticString
    ) throws(Failure) -> Value {
        guard let value else { throw Failure(step: step) }
        return value
    }

    /// A key on the curve P-256.
    private static func makeKey() throws(Failure) -> OpaquePointer {
        let context = try require(EVP_PKEY_CTX_new_id(EVP_PKEY_EC, nil), "key context")
        defer { EVP_PKEY_CTX_free(context) }
        var key: OpaquePointer?
        guard EVP_PKEY_keygen_init(context) == 1,
            EVP_PKEY_CTX_set_ec_paramgen_curve_nid(context, NID_X9_62_prime256v1) == 1,
            EVP_PKEY_keygen(context, &key) == 1
        else { throw Failure(step: "key") }
        return try require(key, "key")
    }

    /// A certificate in PEM, valid from an hour ago for two days.
    private static func certificate(
        name: String, of key: OpaquePointer, signer: OpaquePointer, issuer: String?, serial: Int,
        extensions: [(Int32, String)]
    ) throws(Failure) -> [UInt8] {
        let certificate = try require(X509_new(), "certificate")
        defer { X509_free(certificate) }
        X509_set_version(certificate, 2)
        ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial)
        X509_gmtime_adj(X509_getm_notBefore(certificate), -3_600)
        X509_gmtime_adj(X509_getm_notAfter(certificate), 172_800)
        X509_set_pubkey(certificate, key)
        let subject = try self.name(name)
        defer { X509_NAME_free(subject) }
        let signedBy = try self.name(issuer ?? name)
        defer { X509_NAME_free(signedBy) }
        X509_set_subject_name(certificate, subject)
        X509_set_issuer_name(certificate, signedBy)
        for (nid, value) in extensions {
            let made = try require(X509V3_EXT_conf_nid(nil, nil, nid, value), "extension")
            X509_add_ext(certificate, made, -1)
            X509_EXTENSION_free(made)
        }
        guard X509_sign(certificate, signer, EVP_sha256()) > 0 else {
            throw Failure(step: "signature")
        }
        return try text { PEM_write_bio_X509($0, certificate) }
    }

    private static func name(_ common: String) throws(Failure) -> OpaquePointer {
        let name = try require(X509_NAME_new(), "name")
        let bytes = Array(common.utf8)
        X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, bytes, Int32(bytes.count), -1, 0)
        return name
    }

    private static func pem(of key: OpaquePointer) throws(Failure) -> [UInt8] {
        try text { PEM_write_bio_PKCS8PrivateKey($0, key, nil, nil, 0, nil, nil) }
    }

    /// What `write` puts into a memory buffer.
    private static func text(
        _ write: (OpaquePointer) -> Int32
    ) throws(Failure) -> [UInt8] {
        let buffer = try require(BIO_new(BIO_s_mem()), "buffer")
        defer { BIO_free(buffer) }
        guard write(buffer) == 1 else { throw Failure(step: "PEM") }
        var bytes = [UInt8](repeating: 0, count: 16_384)
        let count = BIO_read(buffer, &bytes, Int32(bytes.count))
        guard count > 0 else { throw Failure(step: "PEM") }
        return Array(bytes[..<Int(count)])
    }
}
