using System.Security.Cryptography;

namespace Orchestrator.Service.Remote;

/// <summary>HMAC-SHA256 of a body, as its sender stated it in hexadecimal. Compared as bytes, in a time that does not depend on where they differ.</summary>
internal static class Signature
{
    private const int HexLength = 2 * HMACSHA256.HashSizeInBytes;
    private const string Prefix = "sha256=";

    /// <summary>The stated signature as 32 bytes; null if it is anything else than 64 hexadecimal digits, with or without <c>sha256=</c> before them.</summary>
    public static byte[]? Parse(string? stated)
    {
        var digits = stated.AsSpan();
        if (digits.StartsWith(Prefix, StringComparison.Ordinal))
            digits = digits[Prefix.Length..];
        if (digits.Length != HexLength)
            return null;
        var bytes = new byte[HMACSHA256.HashSizeInBytes];
        return Convert.FromHexString(digits, bytes, out _, out _) == System.Buffers.OperationStatus.Done ? bytes : null;
    }

    /// <summary>Is this the signature of the body under the secret?</summary>
    public static bool Holds(byte[] secret, ReadOnlySpan<byte> body, byte[] stated)
    {
        Span<byte> expected = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(secret, body, expected);
        return CryptographicOperations.FixedTimeEquals(expected, stated);
    }

    /// <summary>As senders write it: lower-case hexadecimal.</summary>
    public static string Of(byte[] secret, ReadOnlySpan<byte> body) => Convert.ToHexStringLower(HMACSHA256.HashData(secret, body));
}
