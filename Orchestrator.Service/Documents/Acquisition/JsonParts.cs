using System.Text;
using System.Text.Json;

namespace Orchestrator.Service.Documents.Acquisition;

/// <summary>A part that must be there is not, or is something else.</summary>
internal sealed class MissingPart(string message) : Exception(message);

/// <summary>Texts with half a surrogate pair, which JSON allows, throw <see cref="InvalidOperationException"/>; the readers catch it.</summary>
internal static class JsonParts
{
    // S3 has no longer names, and an index could not hold them.
    private const int LongestName = 1024;

    public static string? Text(this JsonElement parent, string name) =>
        parent.ValueKind is JsonValueKind.Object && parent.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;

    /// <summary>A text that is stored as it is: a bucket's, an object's or a version's name.</summary>
    public static string? Name(this JsonElement parent, string name) => parent.Text(name) is { } text ? Storable(text, name) : null;

    /// <exception cref="MissingPart">The database could not store it.</exception>
    public static string Storable(string text, string name) =>
        text.Contains('\0', StringComparison.Ordinal) ? throw new MissingPart($"'{name}' has the character NUL, which no name in S3 has.")
        : Encoding.UTF8.GetByteCount(text) is var bytes && bytes > LongestName ? throw new MissingPart($"'{name}' has {bytes} bytes, and names in S3 have at most {LongestName}.")
        : text;

    public static long? Number(this JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.Number && value.TryGetInt64(out var number) ? number : null;

    public static string Needed(this JsonElement parent, string name) =>
        parent.Text(name) is { Length: > 0 } text ? text : throw new MissingPart($"'{name}' is missing or is no text.");

    public static JsonElement Part(this JsonElement parent, string name) =>
        parent.ValueKind is JsonValueKind.Object && parent.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.Object
            ? value
            : throw new MissingPart($"'{name}' is missing or is no object.");
}
