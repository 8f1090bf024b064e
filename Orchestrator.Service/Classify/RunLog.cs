using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Orchestrator.Service.Classify;

/// <summary>Something that a log tells, in the order of its lines.</summary>
internal abstract record LogEntry
{
    /// <summary>A session or a turn of an agent begins: what was said of the one before it is over.</summary>
    public sealed record Began : LogEntry;

    /// <summary>The agent speaks, thinks or uses a tool. Its words are no evidence; that it goes on is.</summary>
    public sealed record WentOn(bool Working) : LogEntry;

    /// <summary>The agent's own verdict; without a complaint it is success.</summary>
    public sealed record Ended(Complaint? Complaint) : LogEntry;

    /// <summary>A window of the account's limits, from the agent's program.</summary>
    public sealed record Limit(string Window, bool Rejected, IReadOnlyList<double> Ends, string Shown) : LogEntry;

    /// <summary>An error of the agent's program. The agent may go on.</summary>
    public sealed record Failed(Complaint Complaint) : LogEntry;

    /// <summary>A line of plain text, and the fields and the advice below it.</summary>
    public sealed record Line(string Text, Speaker Speaker, StringBuilder Details) : LogEntry
    {
        public bool Echoes { get; } = Rules.Echoes.IsMatch(Text);
        public StringBuilder Advice { get; } = new();
        public Complaint Complaint => new(Text, Details.Length == 0 ? Text : Text + "\n" + Details) { Advice = Advice.ToString() };
    }

    /// <summary>JSON that is no event of an agent known here: any program's output.</summary>
    public sealed record Data : LogEntry;
}

/// <summary>A program's own words about its failure.</summary>
/// <param name="Shown">For people.</param>
/// <param name="Text">For the rules: fields as <c>name: value</c>, and all that was said.</param>
internal sealed record Complaint(string Shown, string Text)
{
    /// <summary>Whether an API's status came with it, so that all of it is the API's word.</summary>
    public bool HasStatus { get; init; }

    /// <summary>The agent's own budget of turns or money has ended.</summary>
    public bool BudgetSpent { get; init; }

    /// <summary>What stands below it for whoever reads it: it may say when, never why.</summary>
    public string Advice { get; init; } = "";

    /// <summary>An answer's body alone, in no agent's stream: whoever wrote it may have expected it.</summary>
    public bool Bare { get; init; }
}

/// <summary>What a log's lines tell, each read once.</summary>
internal sealed class RunLog
{
    private const int LongestDetails = 8000;
    private const int LongestLine = 8000;

    // Below a diagnostic its fields count, and what caused it; a stack, and the code that it shows, do not.
    private static readonly Regex Field = Rules.Compile(
        @"^\s*(?:\[?(?:cause|errors?)\]?: |caused by|\d+: |[""']?(?:code|status|statuscode|status_code|errno|headers|responseheaders|retry-?after[\w-]*|retrydelay|type|name|message|error|reason|data|quota\w*|resets?\w*|x-[\w-]+)[""']?\s*: )");

    private readonly List<LogEntry> _entries = [];

    public IReadOnlyList<LogEntry> Entries => _entries;

    /// <summary>Whether an agent's events stand in it, so that its verdict is due.</summary>
    public bool IsStream { get; private set; }

    /// <summary>Whether its last line is the beginning of an event.</summary>
    public bool IsCutOff { get; private set; }

    /// <summary>The last words, for people; empty for a silent log.</summary>
    public string LastWords { get; private set; } = "";

    public static RunLog Read(ReadOnlySpan<byte> tail)
    {
        var log = new RunLog();
        var lines = LogTail.Lines(tail);
        var fenced = Fences(lines);
        var documents = Documents(lines);
        for (var at = 0; at < lines.Count; at++)
        {
            if (documents.TryGetValue(at, out var document) && log.TakeDocument(lines, at, document))
                at = document;
            else if (!fenced[at])
                log.Take(lines[at], isLast: at == lines.Count - 1);
        }
        return log;
    }

    private bool TakeDocument(List<string> lines, int first, int last) =>
        TakeEvents(string.Join('\n', lines.GetRange(first, last - first + 1))) is not null;

    private void Take(string raw, bool isLast)
    {
        if (string.IsNullOrWhiteSpace(raw))
            return;
        var line = Voice.Bare(raw.TrimStart('\uFFFD', '\uFEFF'));
        if (line.Length == 0)
            return;
        if (line.StartsWith('{') || line.StartsWith("[{", StringComparison.Ordinal))
        {
            if (TakeEvents(line) is { } end)
            {
                if (end < line.Length)
                    Take(line[end..], isLast); // another stream wrote on without a break
                return;
            }
            if (line.StartsWith('{'))
            {
                IsCutOff = isLast;
                return;
            }
        }
        if (IsStream && StreamedResult(line) is { } result && TakeEvents(line[result..]) is not null)
            return;
        if (line.Length > LongestLine)
            line = string.Concat(line.AsSpan(0, LongestLine), " … ", line.AsSpan(line.Length - (LongestLine / 4)));
        LastWords = line;
        if ((char.IsWhiteSpace(line[0]) || line[0] is '}' or ']' || line.StartsWith("Caused by:", StringComparison.Ordinal)) && _entries is [.., LogEntry.Line head])
        {
            if (head.Details.Length + line.Length < LongestDetails && (Field.IsMatch(line) || head.Details.ToString().Contains("Caused by:", StringComparison.Ordinal)))
                head.Details.AppendLine(line);
            return;
        }
        if (_entries is [.., LogEntry.Line { Speaker: not Speaker.Anybody } told] && Rules.Advice.IsMatch(line) && Voice.Of(line) == Speaker.Anybody)
        {
            if (told.Advice.Length + line.Length < LongestDetails)
                told.Advice.AppendLine(line);
            return;
        }
        _entries.Add(new LogEntry.Line(line, Voice.Of(line), new StringBuilder()));
    }

    // An agent's verdict behind a line of another stream that had no break. Only at the end of the line, only among an agent's events.
    private static int? StreamedResult(string line) => line.IndexOf("{\"type\":", StringComparison.Ordinal) is > 0 and var at && line.EndsWith('}') ? at : null;

    /// <summary>Reads values from the beginning of a text, one after another.</summary>
    /// <returns>Where the last of them ends; null if there is none.</returns>
    private int? TakeEvents(string json)
    {
        var bytes = Encoding.UTF8.GetBytes(json);
        var read = 0;
        while (read < bytes.Length && TakeEvent(bytes.AsSpan(read)) is { } consumed)
            read += consumed;
        return read == 0 ? null : read == bytes.Length ? json.Length : Encoding.UTF8.GetCharCount(bytes, 0, read);
    }

    private int? TakeEvent(ReadOnlySpan<byte> json)
    {
        try
        {
            if (json[0] is not ((byte)'{' or (byte)'['))
                return null;
            var reader = new Utf8JsonReader(json, isFinalBlock: false, new JsonReaderState(new JsonReaderOptions { MaxDepth = 512 })); // what is not finished is no error, and costs no exception
            if (!JsonDocument.TryParseValue(ref reader, out var document))
                return null;
            using (document)
            {
                foreach (var element in document.RootElement.ValueKind == JsonValueKind.Array ? document.RootElement.EnumerateArray() : (IEnumerable<JsonElement>)[document.RootElement])
                {
                    var entry = AgentEvents.Read(element);
                    IsStream |= entry is LogEntry.Began or LogEntry.WentOn or LogEntry.Limit;
                    LastWords = entry is LogEntry.Failed failed ? failed.Complaint.Shown : LastWords;
                    _entries.Add(entry);
                }
            }
            return (int)reader.BytesConsumed;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            return null; // not JSON, or text in it that is no text
        }
    }

    // JSON over several lines, as `--output-format json` prints it: from a bracket alone to the next one alone.
    private static Dictionary<int, int> Documents(List<string> lines)
    {
        var found = new Dictionary<int, int>();
        int? opened = null;
        for (var at = 0; at < lines.Count; at++)
        {
            var line = lines[at].AsSpan().TrimEnd();
            if (line is "{" or "[")
                opened = at;
            else if (line is "}" or "]" && opened is { } first)
            {
                found[first] = at;
                opened = null;
            }
        }
        return found;
    }

    // Lines in a closed block of quoted code. A block that never closes was cut off by what came next, so that its lines count.
    private static bool[] Fences(List<string> lines)
    {
        var fenced = new bool[lines.Count];
        int? opened = null;
        for (var at = 0; at < lines.Count; at++)
        {
            var line = lines[at].AsSpan().Trim();
            if (!line.StartsWith("```") && !line.StartsWith("~~~"))
                continue;
            if (opened is not { } first || line.Length > 3) // a language is named where a block begins
                opened = at;
            else
            {
                for (var inner = first; inner <= at; inner++)
                    fenced[inner] = true;
                opened = null;
            }
        }
        return fenced;
    }
}
