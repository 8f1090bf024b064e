using System.Text.Json;
using System.Text.RegularExpressions;

namespace Orchestrator.Service.Documents.Reading.Probing;

/// <summary>What a PDF's objects tell: pages, fonts, attachments, scripts. Read from one listing, without opening a stream.</summary>
internal sealed partial record PdfStructure(
    IReadOnlyList<PageFonts> Pages,
    IReadOnlyList<PdfAttachment> Attachments,
    bool HasJavaScript,
    bool Encrypted)
{
    private const int MostAttachments = 100;

    /// <summary>Reads the listing; null when it is none.</summary>
    public static PdfStructure? Read(byte[] listing)
    {
        try
        {
            using var document = JsonDocument.Parse(listing, new JsonDocumentOptions { MaxDepth = 512 });
            return Read(document.RootElement);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            return null;
        }
    }

    private static PdfStructure Read(JsonElement root)
    {
        var objects = root.GetProperty("qpdf")[1];
        var attachments = new List<PdfAttachment>();
        var scripts = false;
        foreach (var item in objects.EnumerateObject())
        {
            foreach (var dictionary in Dictionaries(item.Value))
            {
                scripts |= dictionary.TryGetProperty("/JS", out _) || dictionary.TryGetProperty("/JavaScript", out _);
                if (attachments.Count < MostAttachments && Attachment(dictionary, objects) is { } attachment && !attachments.Contains(attachment))
                {
                    attachments.Add(attachment);
                }
            }
        }

        return new PdfStructure(
            [.. root.GetProperty("pages").EnumerateArray().Select(page => FontsOf(page.GetProperty("object").GetString()!, objects))],
            attachments,
            scripts,
            root.GetProperty("encrypt").GetProperty("encrypted").GetBoolean());
    }

    /// <summary>All dictionaries within a value, however they are nested.</summary>
    private static IEnumerable<JsonElement> Dictionaries(JsonElement value)
    {
        var open = new Stack<JsonElement>([value]);
        while (open.TryPop(out var next))
        {
            if (next.ValueKind is JsonValueKind.Object)
            {
                yield return next;
                foreach (var member in next.EnumerateObject())
                {
                    open.Push(member.Value);
                }
            }
            else if (next.ValueKind is JsonValueKind.Array)
            {
                foreach (var member in next.EnumerateArray())
                {
                    open.Push(member);
                }
            }
        }
    }

    private static PdfAttachment? Attachment(JsonElement dictionary, JsonElement objects)
    {
        if (!dictionary.TryGetProperty("/EF", out var found) || Resolve(found, objects) is not { ValueKind: JsonValueKind.Object } files)
        {
            return null;
        }

        var stream = First(files, "/UF", "/F");
        var name = First(dictionary, "/UF", "/F");
        return stream is not null && Reference().Match(stream) is { Success: true } match ? new PdfAttachment(Text(name ?? ""), match.Groups["id"].Value) : null;
    }

    private static string? First(JsonElement dictionary, params ReadOnlySpan<string> keys)
    {
        foreach (var key in keys)
        {
            if (dictionary.TryGetProperty(key, out var value) && value.ValueKind is JsonValueKind.String)
            {
                return value.GetString();
            }
        }

        return null;
    }

    /// <summary>The listing marks text with <c>u:</c> and other bytes with <c>b:</c>.</summary>
    private static string Text(string value) => value.StartsWith("u:", StringComparison.Ordinal) ? value[2..] : value;

    private static PageFonts FontsOf(string page, JsonElement objects)
    {
        var ids = new HashSet<string>();
        var names = new HashSet<string>();
        var seen = new HashSet<string>();
        CollectFonts(Inherited(page, "/Resources", objects), objects, ids, names, seen, depth: 0);
        return new PageFonts(ids, names);
    }

    /// <summary>A page without resources of its own has those of the nearest node above it.</summary>
    private static JsonElement Inherited(string page, string key, JsonElement objects)
    {
        var node = Resolve(page, objects);
        for (var level = 0; level < 32 && node.ValueKind is JsonValueKind.Object; level++)
        {
            if (node.TryGetProperty(key, out var value))
            {
                return Resolve(value, objects);
            }

            if (!node.TryGetProperty("/Parent", out var parent))
            {
                break;
            }

            node = Resolve(parent, objects);
        }

        return default;
    }

    private static void CollectFonts(JsonElement resources, JsonElement objects, HashSet<string> ids, HashSet<string> names, HashSet<string> seen, int depth)
    {
        foreach (var font in Members(resources, "/Font", objects))
        {
            if (font.ValueKind is JsonValueKind.String)
            {
                ids.Add(font.GetString()!);
            }

            var dictionary = Resolve(font, objects);
            if (dictionary.ValueKind is JsonValueKind.Object && First(dictionary, "/BaseFont") is { } name)
            {
                names.Add(SubsetPrefix().Replace(name.TrimStart('/'), ""));
            }
        }

        // Many printers draw the whole page inside a form, whose fonts are its own.
        foreach (var form in depth < 3 ? Members(resources, "/XObject", objects) : [])
        {
            if (form.ValueKind is JsonValueKind.String && seen.Add(form.GetString()!) && Resolve(form, objects) is { ValueKind: JsonValueKind.Object } drawn
                && drawn.TryGetProperty("/Resources", out var own))
            {
                CollectFonts(Resolve(own, objects), objects, ids, names, seen, depth + 1);
            }
        }
    }

    private static IEnumerable<JsonElement> Members(JsonElement resources, string key, JsonElement objects) =>
        resources.ValueKind is JsonValueKind.Object && resources.TryGetProperty(key, out var found) && Resolve(found, objects) is { ValueKind: JsonValueKind.Object } members
            ? members.EnumerateObject().Select(member => member.Value)
            : [];

    private static JsonElement Resolve(JsonElement value, JsonElement objects) =>
        value.ValueKind is JsonValueKind.String && Reference().IsMatch(value.GetString()!) ? Resolve(value.GetString()!, objects) : value;

    /// <summary>The value of an object; of a stream its dictionary.</summary>
    private static JsonElement Resolve(string reference, JsonElement objects) =>
        !objects.TryGetProperty("obj:" + reference, out var found) ? default
        : found.TryGetProperty("value", out var value) ? value
        : found.TryGetProperty("stream", out var stream) && stream.TryGetProperty("dict", out var dictionary) ? dictionary
        : default;

    [GeneratedRegex(@"^(?<id>\d+ \d+) R$", RegexOptions.CultureInvariant)]
    private static partial Regex Reference();

    [GeneratedRegex(@"^[A-Z]{6}\+", RegexOptions.CultureInvariant)]
    private static partial Regex SubsetPrefix();
}
