using System.Reflection;
using System.Text.RegularExpressions;
using Orchestrator.Persistence.Tasks;

namespace Orchestrator.Service.Delivery.Agents;

/// <summary>Templates of prompts: the operator's folder first, then those that come with the service.</summary>
internal sealed partial class Prompts(DeliveryOptions options)
{
    private const string Embedded = "Orchestrator.Service.Delivery.Agents.Prompts.";

    public bool Has(string template) => Read(template) is not null;

    /// <summary>Fills a template in: <c>{{title}}</c>, <c>{{repository}}</c>, <c>{{branch}}</c>, <c>{{stage}}</c> and <c>{{note}}</c>; other braces stay.</summary>
    /// <exception cref="FileNotFoundException">There is no such template.</exception>
    public string Render(string template, DeliveryTask task)
    {
        var text = Read(template) ?? throw new FileNotFoundException($"There is no prompt template {template}. Put it into {Place}, or name another in the pipeline.", template);
        // In one pass: what a value holds is never filled in itself.
        return Placeholder().Replace(text, match => match.Groups["name"].Value switch
        {
            "title" => task.Title,
            "repository" => task.Repository,
            "branch" => task.Branch,
            "stage" => task.Stage,
            "note" => task.Note is null ? "" : $"It was sent back. What the last round left to mend:{Environment.NewLine}{Environment.NewLine}{task.Note}",
            _ => match.Value,
        });
    }

    private string Place => options.Prompts.Length > 0 ? options.Prompts : "the folder under Orchestrator:Delivery:Prompts";

    private string? Read(string template)
    {
        if (template.Contains('/') || template.Contains("..", StringComparison.Ordinal))
            return null;
        if (options.Prompts.Length > 0 && Path.Combine(options.Prompts, template) is var path && File.Exists(path))
            return File.ReadAllText(path);
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(Embedded + template);
        if (stream is null)
            return null;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    [GeneratedRegex(@"\{\{(?<name>[a-z]+)\}\}")]
    private static partial Regex Placeholder();
}
