using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.NamingConventions;

namespace Orchestrator.Service.Documents.Templates;

/// <summary>All supplier templates, read once at the start. A file with a mistake stops the start and says where it is.</summary>
public sealed class TemplateBook
{
    private const string Shipped = "Orchestrator.Service.Documents.Templates.suppliers.yaml";

    private static readonly string[] Fields = ["number", "date", "due", "net", "tax", "gross", "payable", "po"];

    private readonly IReadOnlyList<CompiledTemplate> _templates;

    private TemplateBook(IReadOnlyList<CompiledTemplate> templates) => _templates = templates;

    /// <summary>Reads the templates of the folder and those that come with the service.</summary>
    /// <exception cref="InvalidOperationException">A file can't be read, or a template in it is wrong.</exception>
    public static TemplateBook Load(TemplateOptions options)
    {
        using var shipped = new StreamReader(typeof(TemplateBook).Assembly.GetManifestResourceStream(Shipped)!);
        var own = options.Folder is { } folder ? Directory.EnumerateFiles(folder, "*.yaml").Order(StringComparer.Ordinal).SelectMany(file => Parse(File.ReadAllText(file), file)) : [];
        return new TemplateBook([.. own, .. Parse(shipped.ReadToEnd(), "suppliers.yaml")]);
    }

    /// <summary>Templates from the text of one file.</summary>
    internal static TemplateBook Of(string yaml) => new(Parse(yaml, "text"));

    /// <summary>The first template whose words all occur in a text.</summary>
    internal CompiledTemplate? Match(IReadOnlyList<string> pages) => _templates.FirstOrDefault(template => template.Fits(pages));

    private static List<CompiledTemplate> Parse(string yaml, string source)
    {
        try
        {
            var templates = new DeserializerBuilder().WithNamingConvention(UnderscoredNamingConvention.Instance).Build().Deserialize<List<SupplierTemplate>>(yaml);
            return [.. (templates ?? []).Select(template => Compile(template, source))];
        }
        catch (YamlException exception)
        {
            throw new InvalidOperationException($"The template file {source} can't be read at line {exception.Start.Line}: {exception.Message} Correct the file or move it away.", exception);
        }
    }

    private static CompiledTemplate Compile(SupplierTemplate template, string source)
    {
        var wrong =
            template.Id.Length == 0 ? "it has no id"
            : template.Keywords.Count == 0 ? "it has no keywords"
            : template.Dates is not ("day-first" or "month-first") ? $"dates is '{template.Dates}', allowed are day-first and month-first"
            : template.DecimalMark is not ("," or ".") ? $"decimal_mark is '{template.DecimalMark}', allowed are a comma and a dot"
            : template.Patterns.Keys.FirstOrDefault(field => !Fields.Contains(field)) is { } unknown ? $"'{unknown}' is no field, allowed are {string.Join(", ", Fields)}"
            : null;
        if (wrong is not null)
        {
            throw new InvalidOperationException($"The template '{template.Id}' in {source} is wrong: {wrong}. Correct the file or move it away.");
        }

        try
        {
            // Without backtracking no pattern can be made to run away by a hostile page.
            return new CompiledTemplate(template, template.Patterns.ToDictionary(
                pattern => pattern.Key,
                pattern => new Regex(pattern.Value, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant)));
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
        {
            throw new InvalidOperationException($"The template '{template.Id}' in {source} has a pattern that is not understood: {exception.Message} Look-around and back references are not allowed.", exception);
        }
    }
}
