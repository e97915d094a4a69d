using Microsoft.Extensions.Options;

namespace Throughline.Backend.Overload;

internal static class OverloadSetup
{
    public static IServiceCollection AddOverload(this IServiceCollection services)
    {
        services.AddOptions<OverloadOptions>().BindConfiguration("Overload").ValidateOnStart();
        services.AddSingleton<IValidateOptions<OverloadOptions>, OverloadOptionsValidator>();
        services.AddSingleton<LoadShedder>();
        return services;
    }

    /// <summary>Before anything that costs something.</summary>
    public static IApplicationBuilder UseOverload(this IApplicationBuilder app)
    {
        var shedder = app.ApplicationServices.GetRequiredService<LoadShedder>();
        return app.Use((context, next) => shedder.InvokeAsync(context, next));
    }
}
