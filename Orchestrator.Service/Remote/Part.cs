using System.Globalization;
using System.Text.Json;
using Orchestrator.Persistence.Jobs;

namespace Orchestrator.Service.Remote;

/// <summary>A place in somebody else's JSON. What is missing or of another type is null, and so is everything below it.</summary>
internal readonly struct Part(JsonElement? element)
{
    /// <summary>Names, hashes and ids are shorter; what is longer is none, because a part of a name is another name.</summary>
    public const int LongestName = 300;

    /// <summary>Of a comment that much is read, in characters.</summary>
    public const int LongestText = 3500;

    public Part this[string name] => element is { ValueKind: JsonValueKind.Object } here && here.TryGetProperty(name, out var found) ? new Part(found) : default;

    public bool Exists => element is { ValueKind: not (JsonValueKind.Null or JsonValueKind.Undefined) };

    public bool IsObject => element is { ValueKind: JsonValueKind.Object };

    /// <summary>A text of at most <see cref="LongestName"/> characters, none of them a control character.</summary>
    public string? Name => String() is { Length: > 0 and <= LongestName } text && !text.Any(char.IsControl) ? text : null;

    /// <summary>A text of any length, cut, and such that PostgreSQL can store it; empty where there is none.</summary>
    public string Text => Cut(String());

    /// <summary>A text as it came, of any length; empty where there is none. Not to be stored.</summary>
    public string Whole => String() ?? "";

    /// <summary>A full hash, of SHA-1 or SHA-256.</summary>
    public string? Hash => Name is { Length: 40 or 64 } text && text.All(char.IsAsciiHexDigit) ? text.ToLowerInvariant() : null;

    public long? Number => element is { ValueKind: JsonValueKind.Number } number && number.TryGetInt64(out var value) ? value : null;

    public bool? Flag => element?.ValueKind switch { JsonValueKind.True => true, JsonValueKind.False => false, _ => null };

    public Guid? Id => Guid.TryParse(Name, out var id) ? id : null;

    public DateTimeOffset? Time => DateTimeOffset.TryParse(Name, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var at) ? at : null;

    /// <summary>As it was written.</summary>
    public string Raw => Exists ? element!.Value.GetRawText() : "";

    public IEnumerable<Part> Items => element is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray().Select(item => new Part(item)) : [];

    public IEnumerable<string> Keys => element is { ValueKind: JsonValueKind.Object } here ? here.EnumerateObject().Select(member => member.Name) : [];

    public static string Cut(string? text) => text is null ? "" : Reason.Storable(text.Length > LongestText ? text[..LongestText] : text);

    private string? String()
    {
        if (element is not { ValueKind: JsonValueKind.String } text)
            return null;
        try
        {
            return text.GetString();
        }
        catch (InvalidOperationException)
        {
            return null; // half of a pair of surrogates
        }
    }
}
