using System.Text;
using Orchestrator.Service.Delivery.Webhooks;
using Orchestrator.Service.Remote;

namespace Orchestrator.Tests.Delivery.Webhooks;

[Trait("Requirement", "SEC-4")]
public sealed class SignatureTests
{
    private static readonly byte[] Secret = "key"u8.ToArray();
    private static readonly byte[] Body = "The quick brown fox jumps over the lazy dog"u8.ToArray();

    /// <summary>A well-known value, so that our own signer can't be wrong in the same way.</summary>
    private const string Known = "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8";

    [Fact]
    public void The_well_known_value_holds_in_either_case_and_with_the_prefix()
    {
        foreach (var stated in (string[])[Known, Known.ToUpperInvariant(), "sha256=" + Known])
            Assert.True(Signature.Holds(Secret, Body, Signature.Parse(stated)!));
        Assert.Equal(Known, Signature.Of(Secret, Body));
    }

    [Fact]
    public void One_changed_bit_of_body_secret_or_signature_and_it_does_not_hold()
    {
        for (var i = 0; i < 64; i++)
        {
            var altered = new StringBuilder(Known);
            altered[i] = altered[i] == '0' ? '1' : '0';
            Assert.False(Signature.Holds(Secret, Body, Signature.Parse(altered.ToString())!));
        }

        var other = Body.ToArray();
        other[^1] ^= 1;
        Assert.False(Signature.Holds(Secret, other, Signature.Parse(Known)!));
        Assert.False(Signature.Holds("kez"u8.ToArray(), Body, Signature.Parse(Known)!));
        Assert.False(Signature.Holds(Secret, Body.AsSpan(1), Signature.Parse(Known)!));
    }

    [Fact]
    public void What_is_not_64_hexadecimal_digits_is_no_signature()
    {
        foreach (var stated in (string?[])[null, "", "sha256=", Known[..63], Known[..62], Known + "00", "sha1=" + Known[..40], Known[..63] + "g", " " + Known[..63], "SHA256=" + Known, Known[..62] + "é1"])
            Assert.Null(Signature.Parse(stated));
    }
}
