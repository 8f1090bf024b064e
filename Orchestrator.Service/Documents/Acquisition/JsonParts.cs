using System.Text.Json;

namespace Orchestrator.Service.Documents.Acquisition;

/// <summary>A part that must be there is not, or is something else.</summary>
internal sealed class MissingPart(string message) : Exception(message);

/// <summary>Texts with half a surrogate pair, which JSON allows, throw <see cref="InvalidOperationException"/>; the readers catch it.</summary>
internal static class JsonParts
{
    public static string? Text(this JsonElement parent, string name) =>
        parent.ValueKind is JsonValueKind.Object && parent.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;

    public static long? Number(this JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.Number && value.TryGetInt64(out var number) ? number : null;

    public static string Needed(this JsonElement parent, string name) =>
        parent.Text(name) is { Length: > 0 } text ? text : throw new MissingPart($"'{name}' is missing or is no text.");

    public static JsonElement Part(this JsonElement parent, string name) =>
        parent.ValueKind is JsonValueKind.Object && parent.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.Object
            ? value
            : throw new MissingPart($"'{name}' is missing or is no object.");
}
