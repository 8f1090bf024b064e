namespace Orchestrator.Samples.Layouts;

/// <summary>UN/ECE Rec 20 codes in words.</summary>
internal static class Units
{
    public static string In(string language, string code) => (language, code) switch
    {
        ("de", "C62") => "Stk.",
        ("de", "HUR") => "Std.",
        ("de", "DAY") => "Tage",
        ("fr", "C62") => "pce",
        ("fr", "HUR") => "h",
        ("nl", "C62") => "st.",
        ("nl", "HUR") => "uur",
        ("es", "C62") => "ud.",
        ("it", "C62") => "pz",
        ("it", "HUR") => "ore",
        (_, "C62") => "pcs",
        (_, "HUR") => "hrs",
        (_, "MON") => language is "fr" ? "mois" : language is "de" ? "Monat" : "month",
        (_, "KGM") => "kg",
        (_, "KWH") => "kWh",
        (_, "MTR") => "m",
        (_, "LTR") => "l",
        _ => code,
    };
}
