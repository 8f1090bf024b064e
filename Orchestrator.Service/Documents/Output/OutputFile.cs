using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Orchestrator.Service.Documents.Output;

/// <summary>An output ready to be stored: the same input always gives the same key and the same bytes, so storing it twice changes nothing.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="InputHash">SHA-256 over everything that the content follows from, in hex.</param>
/// <param name="Key">Where it belongs in the bucket.</param>
/// <param name="Content">The bytes.</param>
public sealed record OutputFile(OutputKind Kind, string InputHash, string Key, ReadOnlyMemory<byte> Content);

internal static class Outputs
{
    public static OutputFile Render(OutputDocument document, OutputKind kind, string prefix = "outputs/")
    {
        var hash = InputHash(document, kind);
        var content = kind is OutputKind.Json ? CanonicalJson.Write(document) : BookingCsv.Write(document);
        return new(kind, hash, Key(document, kind, hash, prefix), content);
    }

    /// <summary>Known without rendering, so that a redelivered job can see that its output is already there.</summary>
    public static string InputHash(OutputDocument document, OutputKind kind)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        // The canonical JSON holds the extraction and the match; lengths in front keep two inputs from running into each other.
        byte[][] parts = [Encoding.UTF8.GetBytes(OutputTemplate.Of(kind)), CanonicalJson.Write(document), .. document.Decisions.Select(Encoding.UTF8.GetBytes)];
        foreach (var part in parts)
        {
            hash.AppendData(Encoding.ASCII.GetBytes(part.Length.ToString(CultureInfo.InvariantCulture) + ":"));
            hash.AppendData(part);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>The prefix is the one that acquisition ignores, so that no output comes back as input.</summary>
    public static string Key(OutputDocument document, OutputKind kind, string inputHash, string prefix) =>
        $"{prefix}{document.Tenant}/{document.DocumentId:D}/{(kind is OutputKind.Json ? "json" : "booking-csv")}/{inputHash}";
}
