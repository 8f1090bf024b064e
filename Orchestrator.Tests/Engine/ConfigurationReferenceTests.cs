using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using Orchestrator.Service.Hosting;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.Engine;

/// <summary>The reference of all settings is made from the options classes: their properties, initializers and first sentences.</summary>
[Trait("Requirement", "OPS-5")]
public sealed partial class ConfigurationReferenceTests
{
    [Fact]
    public void Generated_reference_of_the_settings_is_what_the_options_say()
    {
        var page = new StringBuilder(
            """
            # Settings

            Generated from the options classes; a test compares. All are validated at start, and every error is told at once. A key is written in
            `appsettings.json` with colons as levels, and as an environment variable with two underscores for each colon: `Orchestrator__Work__Permits=3`.
            A JSON file of the same form that the variable `ORCHESTRATOR_SETTINGS` names by an absolute path goes before `appsettings.json`, and the environment before it:
            it is the place of keys that hold a repository's name, which no shell exports. Times are written `[days.]hours:minutes:seconds`.

            """);
        foreach (var section in OptionSections.All)
        {
            var entry = EntryOf(section.Type);
            page.Append(CultureInfo.InvariantCulture, $"\n## {section.Path}{(entry is null ? "" : ":NAME")}\n\n{SummaryOf(entry ?? section.Type, null)}\n\n");
            page.Append("| key | default | meaning |\n|---|---|---|\n");
            Rows(page, entry ?? section.Type, "");
        }

        GeneratedDocument.IsUpToDate("docs/configuration.md", page.ToString());
    }

    private static void Rows(StringBuilder page, Type type, string prefix)
    {
        var defaults = Activator.CreateInstance(type)!;
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.CanWrite || (typeof(IEnumerable).IsAssignableFrom(p.PropertyType) && p.DeclaringType == type)).OrderBy(p => p.MetadataToken))
        {
            if (EntryOf(property.PropertyType) is { } entry && entry.Namespace!.StartsWith("Orchestrator", StringComparison.Ordinal))
                Rows(page, entry, $"{prefix}{property.Name}:NAME:");
            else if (property.PropertyType.IsClass && property.PropertyType.Namespace!.StartsWith("Orchestrator", StringComparison.Ordinal))
                Rows(page, property.PropertyType, $"{prefix}{property.Name}:");
            else
                page.Append(CultureInfo.InvariantCulture, $"| `{prefix}{property.Name}` | {Show(property.GetValue(defaults))} | {SummaryOf(type, property.Name)} |\n");
        }
    }

    /// <summary>The class of the values, where a section is a list of named entries.</summary>
    private static Type? EntryOf(Type type)
    {
        for (var candidate = type; candidate is not null; candidate = candidate.BaseType)
        {
            if (candidate.IsGenericType && candidate.GetGenericTypeDefinition() == typeof(Dictionary<,>) && candidate.GetGenericArguments()[1].IsClass && candidate.GetGenericArguments()[1] != typeof(string))
                return candidate.GetGenericArguments()[1];
        }

        return null;
    }

    private static string Show(object? value) => value switch
    {
        null => "",
        string { Length: 0 } => "",
        TimeSpan time => $"`{time:c}`",
        string or Uri or Enum or bool => $"`{value}`",
        IEnumerable list => string.Join(", ", list.Cast<object>().Select(item => $"`{item}`")),
        IFormattable number => $"`{number.ToString(null, CultureInfo.InvariantCulture)}`",
        _ => $"`{value}`",
    };

    /// <summary>The summary as the source has it: of a class, or of one of its properties.</summary>
    private static string SummaryOf(Type type, string? property)
    {
        var source = SourceOf(type);
        if (property is not null) // another class of the file may have one of this name
            source = source[Regex.Match(source, $@"\b(?:class|record) {type.Name}\b").Index..];
        var declaration = property is null ? $@"public (?:sealed )?(?:record|class) {type.Name}\b" : $@"public [^\n(;=]*\b{property}\s*\{{";
        var found = Regex.Match(source, @"((?:[ \t]*///[^\n]*\n)+)(?:[ \t]*\[[^\n]*\]\n)*[ \t]*" + declaration);
        Assert.True(found.Success, $"{type.Name}{(property is null ? "" : "." + property)} has no summary. The reference of the settings is made of them: write one sentence with range and meaning.");
        var text = Regex.Replace(found.Groups[1].Value, @"^[ \t]*///[ ]?", "", RegexOptions.Multiline);
        text = Tags().Replace(References().Replace(text, "`$1`"), "");
        return Spaces().Replace(text, " ").Trim().Replace("|", "\\|", StringComparison.Ordinal);
    }

    private static string SourceOf(Type type)
    {
        var file = Directory.EnumerateFiles(Path.Combine(Repository.Root, "Orchestrator.Service"), "*.cs", SearchOption.AllDirectories)
            .Select(File.ReadAllText)
            .FirstOrDefault(text => text.Contains($"namespace {type.Namespace};", StringComparison.Ordinal) && Regex.IsMatch(text, $@"\b(?:class|record) {type.Name}\b"));
        return file ?? throw new InvalidOperationException($"No file of Orchestrator.Service declares {type.FullName}.");
    }

    [GeneratedRegex("""<(?:see|paramref) (?:cref|name|langword)="(?:[^"]*\.)?([^".]+)"\s*/>""")]
    private static partial Regex References();

    [GeneratedRegex("</?[a-z]+>")]
    private static partial Regex Tags();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
