import type { Text } from "../text.ts";

export const common: Text["common"] = {
  close: "Cerrar",
  cancel: "Cancelar",
  save: "Guardar",
  saved: "Guardado",
  copied: "Copiado",
  loading: "Cargando",
  menu: "Menú",
  again: "Probar de nuevo",
  more: "Mostrar más",
  undo: "Deshacer",
  yes: "sí",
  no: "no",
  skip: "Saltar a la conversación",
  offline: "El servidor no responde. Lo escrito se conserva, y la página se conecta sola cuando vuelva.",
  unexpected: "Falló algo que no debía fallar. Carga la página otra vez; si sigue, el registro del servidor dice más.",
  notFound: "Aquí no hay nada",
  notFoundTeach: "Se eliminó, o es de otra persona.",
  toStart: "Al comienzo",
  notForYou: "Esta página es para quienes operan el servidor.",
};
