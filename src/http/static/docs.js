SwaggerUIBundle({
  dom_id: '#docs',
  url: '/openapi.json',
  deepLinking: true,
  // Asks no other host whether the document is valid.
  validatorUrl: null,
});
