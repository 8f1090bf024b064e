namespace Orchestrator.Service.Documents.Acquisition;

internal static class Tenant
{
    /// <summary>Whose an object is, by its key. A name that is no plain word belongs to nobody, and the default tenant takes it.</summary>
    public static string Of(string key, AcquisitionOptions options)
    {
        if (!key.StartsWith(options.TenantPrefix, StringComparison.Ordinal)) return options.DefaultTenant;
        var rest = key.AsSpan(options.TenantPrefix.Length);
        var end = rest.IndexOf('/');
        if (end is < 1 or > 63) return options.DefaultTenant;
        foreach (var letter in rest[..end])
            if (!(char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter is '-')) return options.DefaultTenant;
        return rest[..end].ToString();
    }
}
